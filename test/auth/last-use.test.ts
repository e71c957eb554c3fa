import { expect, onTestFinished, test } from 'vitest';
import { createLastUse } from '../../src/auth/last-use.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createTestApp } from '../support/app.ts';
import { at } from '../support/clock.ts';
import { copyOptions } from '../support/copies.ts';
import { createTestDatabase } from '../support/test-database.ts';

test('the last use of each key is written when the service stops, exactly, and by no request', async () => {
  const t = await createTestApp();
  const { url } = { url: t.app.config.DATABASE_URL };
  const watching = await openDatabase({ ...copyOptions, url });
  onTestFinished(async () => {
    await watching.close();
    await t.close();
  });
  const stamps = async () =>
    Object.fromEntries((await watching.reader.apiKey.findMany()).map(({ name, lastUsedAt }) => [name, lastUsedAt]));
  const other = await t.app.apiKeys.create('other');
  await t.app.apiKeys.create('unused');
  const moments = ['2026-01-15T12:00:00.000Z', '2026-01-15T12:00:07.123Z', '2026-01-15T12:00:09.000Z'] as const;
  await at(t, new Date(moments[0]), () => t.graphql('{ __typename }'));
  await at(t, new Date(moments[2]), () => t.graphql('{ __typename }', {}, other.key));
  await at(t, new Date(moments[1]), () => t.graphql('{ __typename }'));
  expect(await stamps()).toEqual({ test: null, other: null, unused: null });
  await t.app.stop();
  expect(await stamps()).toEqual({ test: new Date(moments[1]), other: new Date(moments[2]), unused: null });
});

test('a later use that another process has written stays', async () => {
  const t = await createTestApp();
  onTestFinished(() => t.close());
  const later = new Date('2026-02-01T00:00:00.000Z');
  await t.app.db.transaction((tx) => tx.prisma.apiKey.updateMany({ data: { lastUsedAt: later } }));
  const lastUse = createLastUse(t.app.db, t.app.log, () => new Date('2026-01-15T00:00:00.000Z'));
  lastUse.note((await t.app.apiKeys.list())[0]?.id as string);
  await lastUse.flush();
  expect((await t.app.apiKeys.list())[0]?.lastUsedAt).toEqual(later);
});

test('what cannot be written is kept, and written the next time', async () => {
  const t = await createTestApp();
  onTestFinished(() => t.close());
  const { id } = (await t.app.apiKeys.list())[0] as { id: string };
  const database = await createTestDatabase();
  const closed = await openDatabase({ ...copyOptions, url: database.url });
  await closed.close();
  let isAway = true;
  const db = { ...t.app.db, transaction: (work) => (isAway ? closed : t.app.db).transaction(work) } as typeof t.app.db;
  const lastUse = createLastUse(db, t.app.log, () => new Date('2026-01-15T00:00:00.000Z'));
  lastUse.note(id);
  await lastUse.flush();
  expect(t.logged()).toContain('"keys":1,"msg":"the last use of API keys could not be stored');
  isAway = false;
  await lastUse.stop();
  expect((await t.app.apiKeys.list())[0]?.lastUsedAt).toEqual(new Date('2026-01-15T00:00:00.000Z'));
  await database.remove();
});
