import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { execute } from '../../scripts/postgresql-databases.ts';
import { CreateUser, GetUser, UpdateUser } from '../support/documents.ts';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { codesOf, type Fleet, startFleet } from '../support/fleet.ts';
import { rosterProcess } from '../support/processes.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

let database: TestDatabase;
let proxy: FaultyProxy;
let url: string;
beforeEach(async () => {
  database = await createTestDatabase();
  const direct = new URL(database.url);
  proxy = await startFaultyProxy(Number(direct.port));
  direct.port = String(proxy.port);
  url = direct.href;
});
afterEach(async () => {
  await proxy.close();
  await database.remove();
});

let serial = 0;
const asks: [string, (fleet: Fleet, id: string) => ReturnType<Fleet['ask']>][] = [
  [
    'an update, by our own transaction',
    (fleet, id) => fleet.ask(UpdateUser, { id, input: { firstName: `${++serial}` } }),
  ],
  [
    'a creation, by a transaction of Prisma',
    (fleet) => fleet.ask(CreateUser, { input: { email: `${++serial}@example.com` } }),
  ],
  ['a look-up, by a statement of our own', (fleet, id) => fleet.ask(GetUser, { id })],
  ['a list, by Prisma', (fleet, id) => fleet.ask('query ($id: ID!) { user(id: $id) { sessions { id } } }', { id })],
];

const endAll = () =>
  execute(
    database.url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'roster'`,
  );

describe('PostgreSQL ends a connection in the packet that says it is ready', () => {
  // At first it is new, and whoever waited for it has not got it yet; later it is handed from one to the next.
  test.each([1, 2, 3, 4, 5])(
    'for time %i: no process ends, and all is well afterwards',
    async (time) => {
      const fleet = await startFleet(1, url, { DATABASE_POOL_SIZE: '2', DATABASE_CONNECT_TIMEOUT_MS: '20000' });
      try {
        const { id } = (await fleet.succeed(CreateUser, { input: { email: `${++serial}@example.com` } })).createUser;
        const askAll = () => Promise.all(asks.map(([, ask]) => ask(fleet, id)));
        proxy.endWhenReady(time);
        for (let round = 0; round < 3; round += 1) {
          await Promise.all(Array.from({ length: 5 }, askAll));
          await endAll();
        }
        fleet.assertHealthy();
        expect(proxy.broken).toBeGreaterThan(5);
        proxy.endWhenReady(null);
        await waitFor('all to succeed', async () => codesOf(await askAll()).every((code) => code === null));
        fleet.assertHealthy();
      } finally {
        await fleet.dispose();
      }
    },
    120_000,
  );

  test.each([1, 2])('for time %i: a command says so in a sentence', async (time) => {
    proxy.endWhenReady(time);
    for (const command of ['migrate', 'api-key list']) {
      const { code, stderr } = await rosterProcess(command.split(' '), { DATABASE_URL: url });
      if (code !== 0) expect(stderr, command).toMatch(/^[^\n]+\n$/);
    }
  });
});
