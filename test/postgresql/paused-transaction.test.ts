import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { defaultPool } from '../../src/db/options.ts';
import { userRow } from '../support/database.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

const id = 'a';
const options = { synchronous: 'full', busyTimeoutMs: 5000 } as const;
const impatient = { ...options, pool: { ...defaultPool, statementTimeoutMs: 1000 } };

/** Looks, from a connection of its own, for a transaction in which nothing happens. */
async function watch(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  const count = async () => {
    const { rows } = await client.query(
      `SELECT count(*)::int AS paused FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`,
    );
    return rows[0].paused as number;
  };
  return { untilNoneIsPaused: () => waitFor('the server to end it', async () => (await count()) === 0) };
}

test('a transaction that pauses longer than a statement may take is undone, can be tried again, and holds no lock', async () => {
  const database = await createTestDatabase();
  onTestFinished(database.remove);
  const patient = await openDatabase({ ...options, url: database.url });
  onTestFinished(() => patient.close());
  await patient.transaction((tx) => tx.prisma.user.create({ data: userRow(id) }));
  const { untilNoneIsPaused } = await watch(database.url);
  const db = await openDatabase({ ...impatient, url: database.url });
  onTestFinished(() => db.close());

  const byRows = db.transaction(async ({ statements }) => {
    await statements.update([{ id, firstName: 'Paused' }]);
    await statements.lock([id]); // the write is not waited for
    await untilNoneIsPaused();
    return statements.lock([id]);
  });
  await expect(byRows).rejects.toMatchObject({ code: 'service_unavailable' });
  const byPrisma = db.transaction(async (tx) => {
    await tx.prisma.user.update({ where: { id }, data: { firstName: 'Paused' } });
    await untilNoneIsPaused();
    return tx.prisma.user.findMany();
  });
  await expect(byPrisma).rejects.toMatchObject({ code: 'service_unavailable' });

  const [user] = await patient.transaction(({ statements }) => statements.lock([id]));
  expect(user).toMatchObject({ id, firstName: null });
});
