import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CreateUser, DeleteUser, LinkIdentity, UpdateUser } from '../support/documents.ts';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { type Answer, jsonHeaders, send } from '../support/server.ts';
import { openReader } from '../support/stored.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

let database: TestDatabase;
let proxy: FaultyProxy;
let fleet: Fleet;
let watcher: pg.Client;
let serial = 0;
/** So that nothing is refused because the machine is busy. */
const patient = { DATABASE_CONNECT_TIMEOUT_MS: '60000', DATABASE_STATEMENT_TIMEOUT_MS: '60000' };
const password = 'purple tractor ankle monsoon';

beforeAll(async () => {
  database = await createTestDatabase();
  watcher = new pg.Client({ connectionString: database.url });
  await watcher.connect();
  const url = new URL(database.url);
  proxy = await startFaultyProxy(Number(url.port));
  url.port = String(proxy.port);
  // A replica that is none: each change is answered with its position all the same.
  fleet = await startFleet(1, url.href, { DATABASE_READ_URL: url.href, RUN_JOBS: 'off', ...patient });
});
afterEach(() => fleet.assertHealthy());
afterAll(async () => {
  await fleet.dispose();
  await watcher.end();
  await proxy.close();
  await database.remove();
});

const newAddress = () => `outcome${++serial}@example.com`;

async function makeUser(): Promise<Subject> {
  const { createUser } = await fleet.succeed(CreateUser, {
    input: { email: newAddress(), emailVerified: true, password },
  });
  await waitFor('every connection to be idle', async () => {
    const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'roster' AND state <> 'idle'`;
    return (await watcher.query(sql)).rowCount === 0;
  });
  return createUser;
}
const stored = async (id: string) =>
  (await openReader(database.url)).user.findUnique({ where: { id }, include: { identities: true, sessions: true } });

function rest(method: string, path: string, body?: object): Promise<Answer> {
  const init = { method, headers: jsonHeaders(fleet.key), ...(body && { body: JSON.stringify(body) }) };
  return send(`${fleet.servers[0]?.url}/user_management/users${path}`, init);
}

type Subject = { id: string; email: string };
type Stored = Awaited<ReturnType<typeof stored>>;

/** Every way to change something: the request, and whether it has been done. */
const changes: [what: string, ask: (user: Subject) => Promise<Answer>, isDone: (user: Stored) => boolean][] = [
  [
    'updateUser',
    ({ id }) => fleet.ask(UpdateUser, { id, input: { firstName: 'Done' } }),
    (user) => user?.firstName === 'Done',
  ],
  ['PUT of a user', ({ id }) => rest('PUT', `/${id}`, { first_name: 'Done' }), (user) => user?.firstName === 'Done'],
  [
    'linkIdentity',
    ({ id }) => fleet.ask(LinkIdentity, { userId: id, input: { provider: 'X_OAUTH', idpId: id } }),
    (user) => user?.identities.length === 1,
  ],
  [
    'authenticateWithPassword',
    ({ email }) =>
      fleet.ask(
        `mutation { authenticateWithPassword(email: "${email}", password: "${password}") { accessToken } }`,
        {},
      ),
    (user) => user?.sessions.length === 1,
  ],
  ['deleteUser', ({ id }) => fleet.ask(DeleteUser, { id }), (user) => user === null],
  ['DELETE of a user', ({ id }) => rest('DELETE', `/${id}`), (user) => user === null],
];

const codeOf = ({ errors, text }: Answer): string =>
  errors?.[0]?.extensions.code ?? (JSON.parse(text || '{}').code as string).toUpperCase();

describe.each(changes)('%s', (_what, ask, isDone) => {
  test('a connection that breaks before the COMMIT is answered: OUTCOME_UNKNOWN, nothing to wait for; it was made', async () => {
    const user = await makeUser();
    proxy.cutAt('COMMIT', 'before it answers');
    const answer = await ask(user);
    expect(codeOf(answer)).toBe('OUTCOME_UNKNOWN');
    expect(answer.text).toContain('Read before you repeat it.');
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(answer.text).not.toContain('retryAfter');
    await waitFor('the change', async () => isDone(await stored(user.id)));
  });

  test('a COMMIT that PostgreSQL does not hear is OUTCOME_UNKNOWN, too: here nobody knows; it was not made', async () => {
    const user = await makeUser();
    proxy.cutAt('COMMIT', 'before it hears');
    expect(codeOf(await ask(user))).toBe('OUTCOME_UNKNOWN');
    expect(isDone(await stored(user.id))).toBe(false);
  });

  test.each(['before it hears', 'before it answers'] as const)(
    'a connection that breaks at BEGIN, %s: SERVICE_UNAVAILABLE with Retry-After, and nothing was written',
    async (moment) => {
      const user = await makeUser();
      proxy.cutAt('BEGIN', moment);
      const answer = await ask(user);
      expect(codeOf(answer)).toBe('SERVICE_UNAVAILABLE');
      expect(answer.text).toContain('nothing was written');
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(isDone(await stored(user.id))).toBe(false);
    },
  );
});

test('creation: REST answers outcome_unknown with 503, and no Retry-After', async () => {
  const email = newAddress();
  proxy.cutAt('COMMIT', 'before it answers');
  const answer = await rest('POST', '', { email });
  expect(answer).toMatchObject({ status: 503 });
  expect(JSON.parse(answer.text)).toEqual({ code: 'outcome_unknown', message: expect.stringContaining('Read before') });
  expect(answer.headers.get('retry-after')).toBeNull();
  const { reader } = { reader: await openReader(database.url) };
  expect(await reader.user.count({ where: { email } })).toBe(1);
});

test('of updates that go one by one, the ones after a COMMIT without an answer were not tried: SERVICE_UNAVAILABLE', async () => {
  const users = await Promise.all(Array.from({ length: 6 }, makeUser));
  // Two addresses of one user at once: this batch is applied one by one.
  proxy.cutAt('COMMIT', 'before it answers');
  const [first] = users as [Subject];
  const answers = await Promise.all([
    fleet.ask(UpdateUser, { id: first.id, input: { email: newAddress() } }),
    fleet.ask(UpdateUser, { id: first.id, input: { email: newAddress() } }),
    ...users.slice(1).map(({ id }) => fleet.ask(UpdateUser, { id, input: { firstName: 'Done' } })),
  ]);
  for (const [i, { id }] of users.entries()) {
    if (i === 0) continue;
    const answer = answers[i + 1] as Answer;
    const isDone = (await stored(id))?.firstName === 'Done';
    if (!answer.errors) expect(isDone).toBe(true);
    else if (codeOf(answer) === 'SERVICE_UNAVAILABLE') expect(isDone).toBe(false);
    else expect(codeOf(answer)).toBe('OUTCOME_UNKNOWN');
  }
});

describe('after a commit nothing turns the answer into a refusal', () => {
  test.each([1, 2])('a position that cannot be asked for is left out (time %i)', async (time) => {
    const { id } = await makeUser();
    const document = `mutation Position($id: ID!, $name: String) { updateUser(id: $id, input: { firstName: $name }) { id } }`;
    const ask = (name: string) => fleet.ask(document, { id, name });
    if (time === 2) await ask('First'); // then the document is known, and goes another way
    proxy.cutAt('pg_current_wal_lsn', 'before it hears');
    const answer = await ask('Done');
    expect(answer).toMatchObject({ status: 200, data: { updateUser: { id } } });
    expect(answer.errors).toBeUndefined();
    expect(answer.headers.get('roster-write-position')).toBeNull();
    expect((await ask('Again')).headers.get('roster-write-position')).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  });

  test.each([1, 2])('what a field cannot read afterwards is not SERVICE_UNAVAILABLE (time %i)', async (time) => {
    const { id } = await makeUser();
    const document = `mutation Read($id: ID!, $name: String) { updateUser(id: $id, input: { firstName: $name }) { id sessions { id } } }`;
    const ask = (name: string) => fleet.ask(document, { id, name });
    if (time === 2) await ask('First');
    proxy.cutAt('"sessions"', 'before it hears');
    const { errors, headers, status } = await ask('Done');
    expect(errors).toMatchObject([{ path: ['updateUser', 'sessions'], extensions: { code: 'OUTCOME_UNKNOWN' } }]);
    expect(errors?.[0]?.message).toMatch(/^The change was made, but /);
    expect([status, headers.get('retry-after')]).toEqual([200, null]);
    expect((await stored(id))?.firstName).toBe('Done');
  });
});
