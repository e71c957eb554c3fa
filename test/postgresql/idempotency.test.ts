import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { canonicalJson, keyedRequest } from '../../src/idempotency/keyed-request.ts';
import { livedMs } from '../support/clock.ts';
import { type Fleet, startFleetHere } from '../support/fleet.ts';
import { jsonHeaders, postUser, type Served, send } from '../support/server.ts';
import { openReader } from '../support/stored.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

let database: TestDatabase;
let fleet: Fleet<Served>;
beforeAll(async () => {
  database = await createTestDatabase();
  fleet = await startFleetHere(2, database.url, { DATABASE_STATEMENT_TIMEOUT_MS: '5000' });
});
afterAll(async () => {
  fleet.assertHealthy();
  await fleet.dispose();
  await database.remove();
});

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: object;
}

/** A request at one of the two servers. */
async function ask(at: number, key: string, { method, path, body }: Call) {
  const headers = { ...jsonHeaders(fleet.key), 'idempotency-key': key };
  const url = `${fleet.servers[at]?.url}${path}`;
  const { status, text, headers: given } = await send(url, { method, headers, body: JSON.stringify(body) });
  return { status, text, replayed: given.get('idempotent-replayed') === 'true', retryAfter: given.get('retry-after') };
}

let counter = 0;
function newAddress(): string {
  counter += 1;
  return `two-processes-${counter}@example.com`;
}

const makeUser = () => postUser(fleet.servers[0]?.url ?? '', fleet.key, { email: newAddress() });
const create = async (): Promise<Call> => {
  return { method: 'POST', path: '/user_management/users', body: { email: newAddress() } };
};
const graphql = (query: string, variables: object): Call => {
  return { method: 'POST', path: '/graphql', body: { query, variables } };
};
const update = async () =>
  graphql('mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { version } }', {
    id: await makeUser(),
    input: { firstName: 'Ada' },
  });
const updateMany = async () =>
  graphql(
    'mutation ($updates: [UpdateUsersItem!]!) { updateUsers(updates: $updates) { updated results { user { version } } } }',
    {
      updates: [{ id: await makeUser(), input: { firstName: 'Ada' } }],
    },
  );
const remove = async (): Promise<Call> => {
  return { method: 'DELETE', path: `/user_management/users/${await makeUser()}`, body: {} };
};

const calls: [what: string, prepare: () => Promise<Call>][] = [
  ['a creation', create],
  ['an update', update],
  ['a list of updates', updateMany],
  ['a deletion', remove],
];

describe('two processes, the same key at the same moment', () => {
  test.each(calls)('%s: one effect, and one answer', async (_what, prepare) => {
    const reader = await openReader(database.url);
    for (let round = 0; round < 10; round += 1) {
      const [key, call] = [randomUUID(), await prepare()];
      const changes = async () => {
        await waitFor('all events to be numbered', async () => (await reader.unnumberedEvent.count()) === 0);
        return reader.event.count();
      };
      const before = await changes();
      const answers = await Promise.all([0, 1, 0, 1].map((at) => ask(at, key, call)));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, JSON.stringify(answers)).toBe(1);
      expect([200, 201, 204]).toContain(answers[0]?.status);
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(await changes()).toBe(before + 1);
    }
  });
});

/** Another process that is about to carry out this request, and does not come to an end. */
async function holdKey(key: string, { method, path, body }: Call) {
  const reader = await openReader(database.url);
  const { id } = await reader.apiKey.findFirstOrThrow();
  const principal = { kind: 'api-key', id, name: '', scopes: [] } as const;
  const request = keyedRequest({ key, principal, method, path, userAgent: null, content: [canonicalJson(body, '')] });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO idempotent_requests (id, created_at, expires_at) VALUES ($1, now(), now() + interval '1 day')`,
    [request.id],
  );
  return async () => void (await client.query('ROLLBACK'));
}

describe('a key that another process has, and goes on to have', () => {
  test.each(calls)('%s waits some seconds, and is then sent back', async (_what, prepare) => {
    const [key, call] = [randomUUID(), await prepare()];
    const release = await holdKey(key, call);
    const startedAt = performance.now();
    const asked = ask(0, key, call);
    const livedFor = await livedMs(() => asked);
    const waitedMs = performance.now() - startedAt;
    const answer = await asked;
    expect(answer.text.toLowerCase()).toContain('"code":"idempotency_error"');
    expect([409, 200]).toContain(answer.status);
    expect(answer.retryAfter).toBe('1');
    expect(waitedMs).toBeGreaterThan(4000);
    expect(livedFor).toBeLessThan(9000);
    await release();
    const first = await ask(1, key, call);
    expect([200, 201, 204], first.text).toContain(first.status);
    expect(first.text).not.toContain('"errors"');
    expect(first.replayed).toBe(false);
    expect(await ask(0, key, call)).toEqual({ ...first, replayed: true });
  });

  test('a shorter wait ends with the first', async () => {
    const [key, call] = [randomUUID(), await create()];
    const release = await holdKey(key, call);
    const [answer] = await Promise.all([ask(0, key, call), sleep(500).then(release)]);
    expect(answer.status).toBe(201);
  });
});
