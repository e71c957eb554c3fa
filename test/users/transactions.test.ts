import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { databaseOptions } from '../../src/db/database-options.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

const storedOf = (id: string) => t.app.db.reader.user.findUniqueOrThrow({ where: { id } });

describe('typed Prisma and the statements of our own', () => {
  test('are one transaction: each sees what the other has written, and a throw undoes both', async () => {
    const { id } = await makeUser(t.app);
    const undone = t.app.db.transaction(async ({ prisma, statements }) => {
      await statements.update([{ id, firstName: 'By a statement' }]);
      expect(await prisma.user.findUniqueOrThrow({ where: { id } })).toMatchObject({ firstName: 'By a statement' });
      await prisma.user.update({ where: { id }, data: { lastName: 'By Prisma' } });
      expect(await statements.lock([id])).toMatchObject([{ firstName: 'By a statement', lastName: 'By Prisma' }]);
      throw new Error('changed its mind');
    });
    await expect(undone).rejects.toThrow('changed its mind');
    expect(await storedOf(id)).toMatchObject({ firstName: null, lastName: null, version: 1 });
  });

  test('never meet those of a transaction that begins at the same moment', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, async () => (await makeUser(t.app)).id));
    await Promise.allSettled(
      ids.map((id, i) =>
        t.app.db.transaction(async ({ prisma, statements }) => {
          await statements.update([{ id, firstName: `Name ${i}` }]);
          await prisma.user.update({ where: { id }, data: { lastName: `Name ${i}` } });
          if (i % 3 === 0) throw new Error('changed its mind');
        }),
      ),
    );
    const stored = await Promise.all(ids.map(storedOf));
    const names = ids.map((_id, i) => (i % 3 === 0 ? null : `Name ${i}`));
    expect(stored.map(({ firstName, lastName }) => [firstName, lastName])).toEqual(names.map((name) => [name, name]));
  });
});

test('what is committed is not tried again, whatever an effect after the commit throws', async () => {
  const { id } = await makeUser(t.app);
  let attempts = 0;
  const done = t.app.db.transaction(async ({ prisma, afterCommit }) => {
    attempts += 1;
    await prisma.user.update({ where: { id }, data: { firstName: `Attempt ${attempts}` } });
    afterCommit(() => {
      throw new DriverAdapterError({ kind: 'TransactionWriteConflict' });
    });
  });
  await expect(done).rejects.toThrow();
  expect(attempts).toBe(1);
  expect(await storedOf(id)).toMatchObject({ firstName: 'Attempt 1' });
});

test('a database closes, and once, also while somebody goes on reading and writing', async () => {
  const db = await openDatabase(databaseOptions(t.app.config));
  const untilRefused = async (ask: () => Promise<unknown>) => {
    for (;;) await ask();
  };
  const reading = untilRefused(() => db.reader.user.count());
  const writing = untilRefused(() => db.transaction(({ statements }) => statements.lock(['nobody'])));
  const refused = Promise.allSettled([reading, writing]);
  await db.close();
  expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await db.close();
});
