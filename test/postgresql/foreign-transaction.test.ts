import pg from 'pg';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { execute } from '../../scripts/postgresql-databases.ts';
import { StatementNames, statementNames } from '../../src/db/postgresql/statement-names.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { livedMs } from '../support/clock.ts';
import { countWaiting } from '../support/hold-writes.ts';
import { makeUser, newAddress } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';

async function start(settings: Record<string, string> = {}): Promise<TestApp> {
  const patient = { DATABASE_STATEMENT_TIMEOUT_MS: '60000', DATABASE_CONNECT_TIMEOUT_MS: '60000' };
  const t = await createTestApp({ ...patient, DATABASE_POOL_SIZE: '4', ...settings });
  onTestFinished(t.close);
  return t;
}

const makeUsers = (t: TestApp, count: number) => Promise.all(Array.from({ length: count }, () => makeUser(t.app)));

/** Another program, in the middle of giving these addresses to users of its own. */
async function holdAddresses(t: TestApp, addresses: string[]) {
  const client = new pg.Client({ connectionString: t.app.config.DATABASE_URL });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  for (const address of addresses) {
    await client.query(
      `INSERT INTO users (id, email, email_canonical, metadata, created_at, updated_at) VALUES ($1, $1, $1, '{}', now(), now())`,
      [address],
    );
  }
  return {
    untilWaiting: (count: number) =>
      waitFor('updates to wait', async () => (await countWaiting(client)) === count || null),
    end: (how: 'COMMIT' | 'ROLLBACK') => client.query(how),
  };
}

/** 64 updates at once, the last of which want these addresses; the others want a name, an address or an external id. */
async function updateTogether(t: TestApp, wanted: string[]) {
  const users = await makeUsers(t, 64);
  const foreign = await holdAddresses(t, wanted);
  const inputs = users.map((_user, i) => {
    const address = wanted[i - 64 + wanted.length];
    if (address) return { email: address };
    return [{ firstName: 'Free' }, { email: newAddress() }, { externalId: newAddress() }][i % 3] as object;
  });
  const updates = users.map(({ id }, i) => updateUser(t.app, 'roster', id, inputs[i]));
  const settled = Promise.allSettled(updates);
  return { foreign, users, settled, others: updates.slice(0, -wanted.length) };
}

describe('a transaction of another program that gives an address to somebody', () => {
  test.each([
    ['COMMIT', 'rejected'],
    ['ROLLBACK', 'fulfilled'],
  ] as const)('holds up nobody but who wants it; that one hears of its %s', async (how, status) => {
    const t = await start();
    const wanted = newAddress();
    const { foreign, users, settled, others } = await updateTogether(t, [wanted]);
    expect(await Promise.all(others)).toHaveLength(63);
    await foreign.untilWaiting(1);
    const free = users[0] as { id: string };
    expect(await updateUser(t.app, 'roster', free.id, { firstName: 'Later' })).toMatchObject({ firstName: 'Later' });
    expect(await updateUser(t.app, 'roster', free.id, { email: newAddress() })).toMatchObject({ firstName: 'Later' });
    await foreign.end(how);
    const last = (await settled).at(-1);
    expect(last).toMatchObject({ status });
    if (status === 'rejected') expect(last).toMatchObject({ reason: { code: 'email_not_available' } });
    else expect(last).toMatchObject({ value: { email: wanted, version: 2 } });
  });

  test('and ten addresses hold up nobody else; who waits too long for one is refused, and nobody waits much longer', async () => {
    const t = await start({ DATABASE_STATEMENT_TIMEOUT_MS: '1500' });
    const wanted = Array.from({ length: 10 }, newAddress);
    const { settled, others, users } = await updateTogether(t, wanted);
    const waitedMs = livedMs(() => settled);
    expect(await Promise.all(others)).toHaveLength(54);
    expect(await updateUser(t.app, 'roster', users[0]?.id ?? '', { lastName: 'Later' })).toMatchObject({
      lastName: 'Later',
    });
    const refused = (await settled).slice(-10);
    expect(await waitedMs).toBeLessThan(10_000);
    for (const result of refused) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'service_unavailable' } });
    }
  });
});

test('an update that the database refuses for a reason of its own harms no other of its batch', async () => {
  const t = await start();
  const users = await makeUsers(t, 20);
  await execute(
    t.app.config.DATABASE_URL,
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF NEW.first_name = 'Bad' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$;
     CREATE TRIGGER refuse BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION refuse();`,
  );
  const results = await Promise.allSettled(
    users.map(({ id }, i) => updateUser(t.app, 'roster', id, { firstName: i === 7 ? 'Bad' : 'Good' })),
  );
  expect(results.map(({ status }) => status)).toEqual(users.map((_user, i) => (i === 7 ? 'rejected' : 'fulfilled')));
});

test('however many lists are asked for, what every request needs is still prepared', async () => {
  const names = new StatementNames(); // those of this process another test may have had given up
  vi.spyOn(statementNames, 'find').mockImplementation((text) => names.find(text));
  onTestFinished(() => void vi.restoreAllMocks());
  const t = await start({ DATABASE_POOL_SIZE: '1' });
  const { id } = await makeUser(t.app);
  for (const direction of ['asc', 'desc'] as const) {
    for (let limit = 1; limit <= 101; limit += 1) await t.app.db.userReads.list({ key: 'id' }, { direction, limit });
    for (const search of [{ equals: { emailVerified: true } }, { lower: { values: [id], inclusive: false } }]) {
      await t.app.db.userReads.list({ key: 'id', ...search }, { direction, limit: 11 });
    }
  }
  await updateUser(t.app, 'roster', id, { firstName: 'Prepared' });
  const prepared = await t.app.db.reader.$queryRaw<
    { statement: string }[]
  >`SELECT statement FROM pg_prepared_statements`;
  const texts = prepared.map(({ statement }) => statement);
  expect(texts.filter((text) => / LIMIT \d+$/.test(text)).length).toBeLessThanOrEqual(33);
  expect(texts).toContainEqual(expect.stringContaining('FOR UPDATE SKIP LOCKED'));
  expect(texts).toContainEqual(expect.stringMatching(/^UPDATE .* SET first_name/));
});
