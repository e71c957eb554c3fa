import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { defaultPool } from '../../src/db/postgresql-adapter.ts';
import { userRow } from '../support/database.ts';
import { createTestDatabase } from '../support/test-database.ts';

const id = 'a';
const options = {
  synchronous: 'full',
  busyTimeoutMs: 5000,
  pool: { ...defaultPool, statementTimeoutMs: 200 },
} as const;

test('a transaction that pauses longer than a statement may take is undone, can be tried again, and holds no lock', async () => {
  const database = await createTestDatabase();
  const db = await openDatabase({ ...options, url: database.url });
  onTestFinished(() => db.close().then(database.remove));
  await db.transaction((tx) => tx.user.create({ data: userRow(id) }));

  const byRows = db.withUserRows(async (rows) => {
    await rows.update([{ id, firstName: 'Paused' }]);
    await sleep(600);
    return rows.lock([id]);
  });
  await expect(byRows).rejects.toMatchObject({ code: 'service_unavailable' });
  const byPrisma = db.transaction(async (tx) => {
    await tx.user.update({ where: { id }, data: { firstName: 'Paused' } });
    await sleep(600);
    return tx.user.findMany();
  });
  await expect(byPrisma).rejects.toMatchObject({ code: 'service_unavailable' });

  const [user] = await db.withUserRows((rows) => rows.lock([id]));
  expect(user).toMatchObject({ id, firstName: null });
});
