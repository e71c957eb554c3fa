import { existsSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { pagesOfCheckpoint, pagesOfLongLog } from '../../src/db/sqlite/checkpoints.ts';
import { connectTo, temporaryDatabase, userRow } from '../support/database.ts';

async function open() {
  const { file, options } = temporaryDatabase();
  const db = await openDatabase({ ...options, checkpointsApart: true });
  const data = Array.from({ length: 2000 }, (_, i) => userRow(`user_${i}`));
  await db.transaction((tx) => tx.prisma.user.createMany({ data }));
  let round = 0;
  async function rewriteAll() {
    round += 1;
    const firstName = `round ${round} ${'x'.repeat(60)}`;
    await db.transaction((tx) => tx.prisma.user.updateMany({ data: { firstName } }));
    return firstName;
  }
  return { file, db, rewriteAll };
}

test('what is committed is brought into the file while nobody commits anything, and a long log begins anew', async () => {
  const { file, db, rewriteAll } = await open();
  onTestFinished(() => db.close());
  const reader = connectTo(file);
  const look = reader.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)');
  const pages = () => look.get() ?? { log: 0, checkpointed: 0 };
  while (pages().log < pagesOfCheckpoint) await rewriteAll();
  await vi.waitFor(() => expect(pages().checkpointed).toBeGreaterThan(0), { timeout: 30_000 });
  for (let round = 0; round < 2; round += 1) {
    while (pages().log < pagesOfLongLog) await rewriteAll();
    let last = '';
    const beginsAnew = async () => {
      last = await rewriteAll();
      expect(pages().log).toBeLessThan(pagesOfLongLog / 2);
    };
    await vi.waitFor(beginsAnew, { timeout: 30_000 });
    expect(reader.prepare('SELECT DISTINCT first_name FROM users').pluck().all()).toEqual([last]);
  }
});

test('closing ends the thread, and leaves one file with everything in it', async () => {
  const { file, db, rewriteAll } = await open();
  let last = '';
  for (let i = 0; i < 80; i += 1) last = await rewriteAll();
  await db.close();
  expect(existsSync(`${file}-wal`)).toBe(false);
  expect(connectTo(file).prepare('SELECT DISTINCT first_name FROM users').pluck().all()).toEqual([last]);
});
