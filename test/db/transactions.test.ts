import { setImmediate as macrotask } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openDatabase, type Transaction } from '../../src/db/database.ts';
import { adapterFor } from '../../src/db/dialects.ts';
import { PrismaClient } from '../../src/generated/sqlite/client.ts';
import { connectTo, openTransaction, rename, temporaryDatabase, userRow } from '../support/database.ts';

async function open() {
  const { file, options } = temporaryDatabase();
  const db = await openDatabase(options);
  onTestFinished(() => db.close());
  await db.transaction((tx) => tx.prisma.user.createMany({ data: [userRow('a'), userRow('b')] }));
  const other = connectTo(file);
  const names = () => other.prepare('SELECT first_name FROM users ORDER BY id').pluck().all();
  return { file, options, db, names };
}

describe('a write that was acknowledged', () => {
  test('stands when the transaction that was open when it came is rolled back, also after reopening', async () => {
    const { options, db, names } = await open();
    const a = await openTransaction(db.transaction);
    const b = db.transaction((tx) => rename(tx, 'b', 'Acknowledged'));
    a.end(new Error('A gives up'));
    await expect(a.done).rejects.toThrow('A gives up');
    await b;
    expect(names()).toEqual([null, 'Acknowledged']);
    await db.close();
    const reopened = await openDatabase(options);
    onTestFinished(() => reopened.close());
    expect(await reopened.reader.user.findUnique({ where: { id: 'b' } })).toMatchObject({ firstName: 'Acknowledged' });
    expect(await reopened.reader.user.findUnique({ where: { id: 'a' } })).toMatchObject({ firstName: null });
  });

  test('stands also as a plain write beside a transaction of the same Prisma client', async () => {
    const { options, names } = await open();
    const client = new PrismaClient({ adapter: await adapterFor(options, 'write') });
    onTestFinished(() => client.$disconnect());
    const a = await openTransaction((work) => client.$transaction((prisma) => work({ prisma })));
    const updated = rename({ prisma: client }, 'b', 'Acknowledged').then((user) => user);
    const executed = client.$executeRaw`UPDATE users SET last_name = 'Too' WHERE id = 'b'`.then((count) => count);
    await macrotask();
    expect(names()).toEqual([null, null]);
    a.end(new Error('A gives up'));
    await expect(a.done).rejects.toThrow('A gives up');
    expect(await updated).toMatchObject({ firstName: 'Acknowledged' });
    expect(await executed).toBe(1);
    expect(await client.user.findMany({ where: { firstName: 'Acknowledged', lastName: 'Too' } })).toHaveLength(1);
    expect(names()).toEqual([null, 'Acknowledged']);
  });
});

describe('the reader', () => {
  test('never sees a row that is not committed', async () => {
    const { db } = await open();
    const a = await openTransaction(db.transaction);
    expect(await db.reader.user.count({ where: { firstName: 'Uncommitted' } })).toBe(0);
    a.end(null);
    await a.done;
    expect(await db.reader.user.count({ where: { firstName: 'Uncommitted' } })).toBe(1);
  });

  test('cannot write and takes no transactions', async () => {
    const { db, names } = await open();
    await expect(rename({ prisma: db.reader }, 'a', 'X')).rejects.toThrow();
    await expect(db.reader.$executeRaw`UPDATE users SET first_name = 'X'`).rejects.toMatchObject({
      code: 'service_unavailable',
    });
    await expect(db.reader.$transaction(async (prisma) => rename({ prisma }, 'a', 'X'))).rejects.toThrow();
    expect(names()).toEqual([null, null]);
  });
});

describe('among transactions at the same time', () => {
  test('the bad ones harm no good one, and each good one can be seen when it is answered', async () => {
    const { db, names } = await open();
    const works = Array.from({ length: 50 }, (_, i) => async (tx: Transaction) => {
      const clash = i % 5 === 1 ? { emailCanonical: 'a@example.com' } : {};
      await tx.prisma.user.create({ data: userRow(`user-${i}`, { firstName: `Name ${i}`, ...clash }) });
      if (i % 5 === 2) throw new Error('changed its mind');
    });
    const isGood = (i: number) => i % 5 !== 1 && i % 5 !== 2;
    const seen = await Promise.allSettled(
      works.map((work, i) => db.transaction(work).then(() => names().includes(`Name ${i}`))),
    );
    expect(seen.map((result) => (result.status === 'fulfilled' ? result.value : null))).toEqual(
      works.map((_, i) => (isGood(i) ? true : null)),
    );
    expect(new Set(names())).toEqual(new Set([null, ...works.flatMap((_, i) => (isGood(i) ? [`Name ${i}`] : []))]));
  });

  test('no read-modify-write is lost', async () => {
    const { db } = await open();
    await Promise.all(
      Array.from({ length: 100 }, () =>
        db.transaction(async (tx) => {
          const { version } = await tx.prisma.user.findUniqueOrThrow({ where: { id: 'a' } });
          await tx.prisma.user.update({ where: { id: 'a' }, data: { version: version + 1 } });
        }),
      ),
    );
    expect(await db.reader.user.findUnique({ where: { id: 'a' } })).toMatchObject({ version: 101 });
  });
});

describe('a transaction', () => {
  test('that goes on after a refused statement keeps the rest; one that throws then keeps nothing', async () => {
    const { db, names } = await open();
    const clash = (tx: Transaction) =>
      tx.prisma.user.create({ data: userRow('c', { emailCanonical: 'b@example.com' }) });
    await db.transaction(async (tx) => {
      await expect(clash(tx)).rejects.toMatchObject({ code: 'P2002' });
      await rename(tx, 'a', 'Kept');
    });
    const failed = db.transaction(async (tx) => {
      await rename(tx, 'a', 'Undone');
      await expect(clash(tx)).rejects.toMatchObject({ code: 'P2002' });
      throw new Error('gives up');
    });
    await expect(failed).rejects.toThrow('gives up');
    expect(names()).toEqual(['Kept', null]);
  });

  test('that names a missing savepoint, or breaks off inside a nested one, harms no other', async () => {
    const { db, names } = await open();
    await expect(db.transaction((tx) => tx.prisma.$executeRaw`RELEASE nowhere`)).rejects.toThrow('no such savepoint');
    const nested = db.transaction(async (tx) => {
      await tx.prisma.$executeRaw`SAVEPOINT inner`;
      await rename(tx, 'a', 'Undone');
      throw new Error('gives up');
    });
    await expect(nested).rejects.toThrow('gives up');
    await db.transaction((tx) => rename(tx, 'b', 'Next'));
    expect(names()).toEqual([null, 'Next']);
  });

  test('that takes longer than the limit is undone and refused, and the next ones work', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { db, names } = await open();
    const slow = await openTransaction(db.transaction);
    const next = db.transaction((tx) => rename(tx, 'b', 'Next'));
    vi.advanceTimersByTime(10_000);
    slow.end(null);
    await expect(slow.done).rejects.toMatchObject({ code: 'service_unavailable' });
    vi.useRealTimers();
    await Promise.allSettled([next]);
    await db.transaction((tx) => rename(tx, 'b', 'Later'));
    expect(names()).toEqual([null, 'Later']);
  });
});
