import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../scripts/postgresql-server.ts';
import { CreateUser, GetUser, UpdateUser } from '../support/documents.ts';
import { codesOf, type Fleet, startFleet } from '../support/fleet.ts';
import { migrateByCommand } from '../support/migrate-by-command.ts';
import { type Cluster, startCluster, startReplica } from '../support/postgresql-cluster.ts';
import { type Answer, jsonHeaders, post, type ServerProcess, send, startServerProcess } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

let primary: Cluster;
let replica: Cluster;
let fleet: Fleet;
let serial = 0;

beforeAll(async () => {
  primary = await startCluster();
  await migrateByCommand(primary.url('postgres'));
  replica = await startReplica(primary);
  fleet = await startFleet(1, primary.url('postgres'), { DATABASE_READ_URL: replica.url('postgres') });
});
afterAll(async () => {
  fleet.assertHealthy();
  await fleet.dispose();
  await replica.remove();
  await primary.remove();
});

async function onReplica(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: replica.url('postgres') });
  await client.connect();
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows;
}

/** Holds the replica still, so that it does not see what is written from now on. */
async function pauseReplay() {
  await onReplica('SELECT pg_wal_replay_pause()');
  const state = 'SELECT pg_get_wal_replay_pause_state() AS state';
  await waitFor('replay to pause', async () => (await onReplica(state))[0]?.state === 'paused' || null);
  onTestFinished(resumeReplay);
}

async function resumeReplay() {
  const [{ away } = { away: true }] = await onReplica('SELECT NOT pg_is_in_recovery() AS away').catch(() => []);
  if (!away) await onReplica('SELECT pg_wal_replay_resume()');
}

function query(id: string, readAfter?: string): Promise<Answer> {
  const headers = { ...jsonHeaders(fleet.key), ...(readAfter !== undefined && { 'roster-read-after': readAfter }) };
  const body = JSON.stringify({ query: String(GetUser), variables: { id } });
  return send(`${fleet.servers[0]?.url}/graphql`, { method: 'POST', headers, body });
}

const emailOf = ({ data }: Answer) => (data?.user as { email: string } | null | undefined)?.email;

/** A user whom the replica has seen. */
async function makeUser(): Promise<{ id: string; email: string }> {
  const { createUser } = await fleet.succeed(CreateUser, { input: { email: `replica${++serial}@example.com` } });
  await waitFor('the replica to see the user', async () => {
    const rows = await onReplica(`SELECT 1 FROM users WHERE id = '${createUser.id}'`);
    return rows.length === 1 || null;
  });
  return createUser;
}

const position = (answer: Answer) => answer.headers.get('roster-write-position') ?? '';

describe('with a replica that lags behind', () => {
  test('a query is answered by the replica, and by the primary when it must see a write', async () => {
    const { id, email } = await makeUser();
    await pauseReplay();
    const changed = await fleet.ask(UpdateUser, { id, input: { email: `new-${email}` } });
    expect(position(changed)).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
    expect(emailOf(await query(id))).toBe(email);
    expect(emailOf(await query(id, position(changed)))).toBe(`new-${email}`);
    await resumeReplay();
    await waitFor('the replica to catch up', async () => emailOf(await query(id)) === `new-${email}` || null);
  });

  test('a query that has seen enough is answered by the replica', async () => {
    const { id, email } = await makeUser();
    const seen = position(await fleet.ask(UpdateUser, { id, input: { name: 'Seen' } }));
    await waitFor('the replica to see it', async () => {
      const [row] = await onReplica(`SELECT pg_last_wal_replay_lsn() >= '${seen}'::pg_lsn AS seen`);
      return row?.seen === true || null;
    });
    await pauseReplay();
    await fleet.succeed(UpdateUser, { id, input: { email: `later-${email}` } });
    expect(emailOf(await query(id, seen))).toBe(email);
  });

  test('a change, and all that it answers, is made on the primary', async () => {
    const { id } = await makeUser();
    await pauseReplay();
    for (let n = 1; n <= 3; n += 1) {
      const { updateUser } = await fleet.succeed(UpdateUser, {
        id,
        input: { metadata: { [`k${n}`]: '' } },
        expectedVersion: n,
      });
      expect(updateUser).toMatchObject({ version: n + 1 });
      expect(Object.keys(updateUser.metadata)).toHaveLength(n);
    }
    const link = `mutation ($id: ID!) { linkIdentity(userId: $id, input: { provider: X_OAUTH, idpId: "${id}" }) { id } }`;
    await fleet.succeed(link, { id });
    const { updateUser } = await fleet.succeed(UpdateUser, { id, input: { name: 'Primary' } });
    expect(updateUser.identities).toHaveLength(1);
    const fresh = await fleet.succeed(CreateUser, { input: { email: `fresh${++serial}@example.com` } });
    expect(
      (await fleet.succeed(UpdateUser, { id: fresh.createUser.id, input: { name: 'X' } })).updateUser.version,
    ).toBe(2);
  });

  test.each([
    'garbage',
    '',
    '0/0',
    'FFFFFFFF/FFFFFFFF',
    "0/0'; DROP TABLE users",
    '1/2/3',
    'ä'.normalize('NFD').replace(/[^ -~]/g, ''),
  ])('the position %j is harmless', async (given) => {
    const { id, email } = await makeUser();
    const answer = await query(id, given);
    expect(codesOf([answer])).toEqual([null]);
    expect(emailOf(answer)).toBe(email);
  });
});

describe('without its replica', () => {
  test('queries are answered by the primary, and by the replica again when it is back', async () => {
    const { id, email } = await makeUser();
    expect(emailOf(await query(id))).toBe(email);
    await replica.stop();
    const answers = [];
    for (let i = 0; i < 10; i += 1) answers.push(await query(id));
    expect(codesOf(answers)).toEqual(Array(10).fill(null));
    await fleet.succeed(UpdateUser, { id, input: { name: 'Alone' } });
    await replica.start();
    await pauseReplay();
    await fleet.succeed(UpdateUser, { id, input: { email: `back-${email}` } });
    await waitFor('the replica to answer again', async () => emailOf(await query(id)) === email || null);
  });
});

describe('with a wrong DATABASE_READ_URL', () => {
  const warnings = (server: ServerProcess): string[] =>
    server
      .output()
      .split('\n')
      .filter((line) => line.includes('"msg":"the database is busy or away"'))
      .map((line) => JSON.parse(line))
      .map(({ database, reason }) => `${database}: ${reason}`);

  async function startWith(readUrl: string) {
    const settings = { DATABASE_URL: primary.url('postgres'), DATABASE_READ_URL: readUrl };
    const server = await startServerProcess(settings);
    onTestFinished(server.dispose);
    return { server, ask: () => post(server.url, fleet.key, '{ users(first: 1) { totalCount } }') };
  }

  test.each([
    [
      'no server there',
      async () => `postgresql://someone:s3cret@127.0.0.1:${await freePort()}/x`,
      /no server answers there/,
    ],
    ['no such host', async () => 'postgresql://someone:s3cret@nonsense.invalid/x', /nonsense\.invalid/],
    ['no such database', async () => replica.url('missing'), /does not exist/],
    ['the primary', async () => primary.url('postgres'), /it is no replica/],
  ])('%s: a line in the log names it, without the password, and queries are answered', async (_what, url, reason) => {
    const readUrl = await url();
    const { server, ask } = await startWith(readUrl);
    expect(codesOf([await ask(), await ask()])).toEqual([null, null]);
    const { host, pathname } = new URL(readUrl);
    await expect.poll(() => warnings(server)).toHaveLength(1);
    expect(warnings(server)[0]).toMatch(reason);
    expect(warnings(server)[0]).toContain(`PostgreSQL at ${host}${pathname}: `);
    expect(server.output()).not.toContain('s3cret');
  });

  test('its lines do not hide those of the primary', async () => {
    const { server, ask } = await startWith(`postgresql://127.0.0.1:${await freePort()}/x`);
    await ask();
    await expect.poll(() => warnings(server)).toHaveLength(1);
    await primary.stop();
    await ask();
    await primary.start();
    await expect.poll(() => warnings(server)).toHaveLength(2);
    expect(warnings(server)[1]).toContain(`PostgreSQL at ${new URL(primary.url('postgres')).host}/`);
  });
});
