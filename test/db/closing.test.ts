import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { adapterFor } from '../../src/db/dialects.ts';
import { connectTo, openTransaction, rename, temporaryDatabase, userRow } from '../support/database.ts';

async function open() {
  const { file, options } = temporaryDatabase();
  const db = await openDatabase(options);
  await db.transaction((tx) => tx.prisma.user.createMany({ data: [userRow('a'), userRow('b')] }));
  const names = () => connectTo(file).prepare('SELECT first_name FROM users ORDER BY id').pluck().all();
  return { db, names };
}

describe('closing the database', () => {
  test('ends while a transaction is open and others wait for their turn: none hangs, each stands or is refused', async () => {
    const { db, names } = await open();
    const a = await openTransaction(db.transaction);
    const waiting = Array.from({ length: 5 }, () => db.transaction((tx) => rename(tx, 'b', 'Waited')));
    const results = Promise.allSettled([a.done, ...waiting]);
    const closed = db.close();
    a.end(null);
    const [first, ...others] = (await results).map(({ status }) => status);
    await closed;
    const [firstName, otherName] = names();
    expect(firstName).toBe(first === 'fulfilled' ? 'Uncommitted' : null);
    expect(otherName).toBe(others.includes('fulfilled') ? 'Waited' : null);
  });
});

describe('the adapter', () => {
  const insert = (id: number) => ({ sql: `INSERT INTO readiness VALUES (${id}, '')`, args: [], argTypes: [] });

  test('is disposed of after the writes that came before are committed; the ones that come later are refused', async () => {
    const { file, options } = temporaryDatabase();
    const adapter = await (await adapterFor(options, 'write')).connect();
    const before = [adapter.executeRaw(insert(1)), adapter.executeRaw(insert(2))];
    const disposed = adapter.dispose();
    const later = adapter.executeRaw(insert(3));
    expect(await Promise.all(before)).toEqual([1, 1]);
    await expect(later).rejects.toThrow();
    await disposed;
    expect(connectTo(file).prepare('SELECT id FROM readiness').pluck().all()).toEqual([1, 2]);
  });

  test('takes no statement for a transaction that is over: it would stand by itself, or in a neighbour’s transaction', async () => {
    const { file, options } = temporaryDatabase();
    const adapter = await (await adapterFor(options, 'write')).connect();
    onTestFinished(() => adapter.dispose());
    const over = await adapter.startTransaction();
    await over.rollback();
    await expect(over.executeRaw(insert(1))).rejects.toThrow('over');
    await expect(over.queryRaw(insert(2))).rejects.toThrow('over');
    await expect(over.createSavepoint?.('late')).rejects.toThrow('over');
    const next = await adapter.startTransaction();
    await next.executeRaw(insert(3));
    await over.rollback();
    await next.commit();
    expect(connectTo(file).prepare('SELECT id FROM readiness').pluck().all()).toEqual([3]);
  });
});
