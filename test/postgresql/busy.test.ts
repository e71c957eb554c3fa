import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CreateUser, GetUser, LinkIdentity, UpdateUser } from '../support/documents.ts';
import { codesOf, type Fleet, startFleetHere } from '../support/fleet.ts';
import { countWaiting, type HeldWrites, holdWrites } from '../support/hold-writes.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

const poolSize = 2;
let database: TestDatabase;
let fleet: Fleet;
let watcher: pg.Client;
let ids: string[];
let held: HeldWrites;

async function start(settings: Record<string, string>) {
  fleet = await startFleetHere(1, database.url, { DATABASE_POOL_SIZE: `${poolSize}`, ...settings });
  ids = [];
  while (ids.length < 4) {
    const input = { email: `busy${ids.length}@example.com` };
    ids.push((await fleet.succeed(CreateUser, { input })).createUser.id);
  }
  held = await holdWrites(database.url, ids[0] ?? '');
}

beforeEach(async () => {
  database = await createTestDatabase();
  watcher = new pg.Client({ connectionString: database.url });
  await watcher.connect();
});
afterEach(async () => {
  fleet.assertHealthy();
  await watcher.end();
  await fleet.dispose();
  await database.remove();
});

const waiting = (count: number) =>
  waitFor(`${count} waiting transactions`, async () => (await countWaiting(watcher)) === count || null);

/** The connections of Roster, by what they are doing. */
async function states(): Promise<string[]> {
  const { rows } = await watcher.query(
    `SELECT state FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'roster'`,
  );
  return rows.map(({ state }) => state);
}

const isIdle = async () => (await states()).every((state) => state === 'idle') || null;

async function everythingWorks() {
  await waitFor('no transaction to be open', isIdle);
  // The time-outs are as short as before, so on a slow machine not all may be answered at the first go.
  await waitFor('all to be answered', async () => {
    const answers = await Promise.all(
      ids.flatMap((id) => [fleet.ask(UpdateUser, { id, input: { lastName: 'After' } }), fleet.ask(GetUser, { id })]),
    );
    const codes = codesOf(answers);
    expect(codes.filter((code) => code !== null && code !== 'SERVICE_UNAVAILABLE')).toEqual([]);
    return codes.every((code) => code === null);
  });
  await waitFor('no transaction to be open', isIdle);
  expect((await states()).length).toBeLessThanOrEqual(poolSize);
}

const link = (n: number) =>
  fleet.ask(LinkIdentity, { userId: ids[0], input: { provider: 'GITHUB_OAUTH', idpId: `link-${n}` } });

describe('with every connection of the pool waiting for somebody else', () => {
  test('other requests hear SERVICE_UNAVAILABLE in time; afterwards all is well and no connection is lost', async () => {
    await start({ DATABASE_CONNECT_TIMEOUT_MS: '1500', DATABASE_STATEMENT_TIMEOUT_MS: '60000' });
    const patient = [link(1), link(2)];
    await waiting(poolSize);
    const others = await Promise.all([
      fleet.ask(GetUser, { id: ids[1] }),
      fleet.ask(UpdateUser, { id: ids[2], input: { firstName: 'Refused' } }),
      link(3),
    ]);
    expect(codesOf(others)).toEqual(Array(3).fill('SERVICE_UNAVAILABLE'));
    await held.release();
    expect(codesOf(await Promise.all(patient))).toEqual([null, null]);
    expect(await fleet.succeed(GetUser, { id: ids[2] })).toMatchObject({ user: { version: 1 } });
    await everythingWorks();
  });
});

describe('a statement that takes too long', () => {
  test('is given up as SERVICE_UNAVAILABLE, writes nothing, and its connection goes on', async () => {
    await start({ DATABASE_STATEMENT_TIMEOUT_MS: '1000' });
    const before = await pids();
    const refused = await Promise.all([link(1), fleet.ask(UpdateUser, { id: ids[0], input: { firstName: 'Late' } })]);
    expect(codesOf(refused)).toEqual(['SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE']);
    await waitFor('no transaction to be open', isIdle);
    expect(await pids(), 'the server ended the statements, not the connections').toEqual(
      expect.arrayContaining(before),
    );
    await held.release();
    expect(await fleet.succeed(GetUser, { id: ids[0] })).toMatchObject({ user: { version: 1, identities: [] } });
    await everythingWorks();
  });

  async function pids(): Promise<number[]> {
    const { rows } = await watcher.query(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'roster'`,
    );
    return rows.map(({ pid }) => pid);
  }
});
