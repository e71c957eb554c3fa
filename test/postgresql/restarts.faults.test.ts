import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { execute } from '../../scripts/postgresql-databases.ts';
import { CreateUser, GetUser, UpdateUser } from '../support/documents.ts';
import { codesOf, type Fleet, startFleet } from '../support/fleet.ts';
import { keepLedger, untilAcknowledged } from '../support/ledger.ts';
import { migrateByCommand } from '../support/migrate-by-command.ts';
import { type Cluster, startCluster } from '../support/postgresql-cluster.ts';
import { send } from '../support/server.ts';
import { startProxy } from '../support/silent-proxy.ts';
import { waitFor } from '../support/wait.ts';

let cluster: Cluster;
let fleet: Fleet;
let serial = 0;

/** So long that a request which waits for one of them fails its test: a database that is away must be noticed at once. */
const noTimeouts = { DATABASE_CONNECT_TIMEOUT_MS: '120000', DATABASE_STATEMENT_TIMEOUT_MS: '120000' };

beforeAll(async () => {
  cluster = await startCluster();
  await migrateByCommand(cluster.url('postgres'));
  fleet = await startFleet(2, cluster.url('postgres'), noTimeouts);
});
afterEach(() => fleet.assertHealthy());
afterAll(async () => {
  await fleet?.dispose();
  await cluster.remove();
});

async function makeUsers(count: number, made = fleet): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const input = { email: `faults${++serial}@example.com` };
    ids.push((await made.succeed(CreateUser, { input })).createUser.id);
  }
  return ids;
}

const readiness = () => Promise.all(fleet.servers.map(({ url }) => send(`${url}/ready`).then(({ status }) => status)));

describe('in the middle of traffic', () => {
  test('a crash and restart of PostgreSQL loses no acknowledged update, and Roster goes on by itself', async () => {
    const ledger = keepLedger(fleet, await makeUsers(6));
    for (let crash = 0; crash < 2; crash += 1) {
      await untilAcknowledged(ledger, 30);
      await cluster.restart('immediate');
    }
    await untilAcknowledged(ledger, 30);
    await ledger.settle();
    expect(ledger.refused).toBeGreaterThan(0);
  });

  test('connections that are killed lose no acknowledged update', async () => {
    const ledger = keepLedger(fleet, await makeUsers(6));
    for (let kill = 0; kill < 5; kill += 1) {
      await untilAcknowledged(ledger, 20);
      await execute(
        cluster.url('postgres'),
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'roster'`,
      );
    }
    await untilAcknowledged(ledger, 20);
    await ledger.settle();
  });

  test('PostgreSQL goes away: not ready, requests fail quickly and may be repeated; it comes back: all is well', async () => {
    const [id = '', ...others] = await makeUsers(5);
    const ledger = keepLedger(fleet, others);
    await untilAcknowledged(ledger, 20);
    await cluster.stop();
    await waitFor(
      'both processes to be not ready',
      async () => (await readiness()).every((status) => status === 503) || null,
    );
    const answers = await Promise.all([
      fleet.ask(GetUser, { id }),
      fleet.ask('{ users(first: 3) { edges { node { id identities { id } } } totalCount } }', {}),
      fleet.ask(UpdateUser, { id, input: { firstName: 'Away' } }),
      fleet.ask(CreateUser, { input: { email: 'away@example.com' } }),
    ]);
    expect(codesOf(answers)).toEqual(Array(4).fill('SERVICE_UNAVAILABLE'));
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual(Array(4).fill('1'));
    expect((await send(`${fleet.servers[0]?.url}/health`)).status).toBe(200);
    await cluster.start();
    await untilAcknowledged(ledger, 20);
    await waitFor(
      'both processes to be ready',
      async () => (await readiness()).every((status) => status === 200) || null,
    );
    await ledger.settle();
    expect(ledger.refused).toBeGreaterThan(0);
    expect(await fleet.succeed(GetUser, { id })).toMatchObject({ user: { id, version: 1 } });
  });
});

test('while PostgreSQL is away, a key that nobody can look up is not refused as a wrong one, at either handler', async () => {
  const unknown = { authorization: `Bearer sk_${'A'.repeat(43)}`, 'content-type': 'application/json' };
  const url = fleet.servers[0]?.url;
  const ask = () =>
    Promise.all([
      send(`${url}/graphql`, { method: 'POST', headers: unknown, body: '{"query":"{ __typename }"}' }),
      send(`${url}/user_management/users/user_x`, { headers: unknown }),
    ]);
  await cluster.stop();
  const [graphql, rest] = await ask().finally(() => cluster.start());
  expect(graphql).toMatchObject({
    status: 503,
    errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 } }],
  });
  expect(rest.status).toBe(503);
  expect(JSON.parse(rest.text)).toMatchObject({ code: 'service_unavailable' });
  expect([graphql, rest].map(({ headers }) => headers.get('retry-after'))).toEqual(['1', '1']);
  await waitFor('the key to be refused', async () => (await ask()).every(({ status }) => status === 401) || null);
});

test.each(['BEGIN', 'COMMIT'])(
  'a connection that falls silent at %s is replaced, costs one request, and holds no lock',
  async (text) => {
    const proxy = await startProxy(cluster.port);
    onTestFinished(() => proxy.close());
    const behind = await startFleet(
      1,
      `postgresql://postgres:postgres@127.0.0.1:${proxy.port}/postgres`,
      { DATABASE_STATEMENT_TIMEOUT_MS: '500', DATABASE_POOL_SIZE: '1' },
      fleet.key,
    );
    onTestFinished(() => behind.dispose());
    const ids = await makeUsers(1, behind);
    const ledger = keepLedger(behind, ids);
    await untilAcknowledged(ledger, 20);
    proxy.silenceAt(text, ...ids); // of an update: what gives events their positions begins and commits as well
    await waitFor('the refusal', () => ledger.refused > 0 || null);
    await untilAcknowledged(ledger, 20);
    await ledger.settle();
    expect(ledger.refused).toBe(1);
    behind.assertHealthy();
  },
);
