import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { violatedConstraint } from '../../src/db/errors.ts';
import { userRow } from '../support/database.ts';
import { createTestDatabase } from '../support/test-database.ts';

test('a write that failed is what the transaction fails with, also where a read after it failed, too', async () => {
  const database = await createTestDatabase();
  const db = await openDatabase({ url: database.url, synchronous: 'full', busyTimeoutMs: 5000 });
  onTestFinished(() => db.close().then(database.remove));
  await db.transaction(async (tx) => {
    await tx.prisma.user.create({ data: userRow('a') });
    await tx.prisma.user.create({ data: userRow('b', { externalId: 'taken' }) });
  });

  const error = await db
    .transaction(async ({ statements }) => {
      await statements.update([{ id: 'a', externalId: 'taken' }]);
      return statements.lock(['a']);
    })
    .catch((thrown: unknown) => thrown);

  expect(violatedConstraint(error)).toBe('users_external_id_key');
  const [user] = await db.transaction(({ statements }) => statements.lock(['a']));
  expect(user).toMatchObject({ id: 'a', externalId: null });
});
