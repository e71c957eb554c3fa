import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Prisma } from '../../src/generated/sqlite/client.ts';
import { previewUpdateUser } from '../../src/users/preview-update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { readEvents } from '../support/events.ts';
import { arrange, inputOf, situation, wanted } from '../support/preview.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'off' });
});
afterAll(() => t.close());

/** Every row of every table, as text. */
async function allRows(): Promise<Record<string, string[]>> {
  const reader = t.app.db.reader as unknown as Record<string, { findMany(): Promise<object[]> }>;
  const tables = Object.keys(Prisma.ModelName).map(async (model) => {
    const rows = (await reader[model.charAt(0).toLowerCase() + model.slice(1)]?.findMany()) ?? [];
    const asText = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
    return [model, rows.map((row) => JSON.stringify(row, asText)).sort()] as const;
  });
  return Object.fromEntries(await Promise.all(tables));
}

test('a thousand previews change no row of any table', async () => {
  const taken = await makeUser(t.app, { externalId: 'taken' });
  const users = await Promise.all(fc.sample(situation, 10).map((given) => arrange(t.app, given)));
  await readEvents(t.app); // all have their positions
  const before = await allRows();
  expect(Object.keys(before).length).toBeGreaterThan(10);
  expect(before.User).toHaveLength(11);
  for (const asked of fc.sample(wanted, 100)) {
    const previews = users.map((user) =>
      previewUpdateUser(t.app, 'roster', user.id, inputOf(asked, user.email, taken), {}),
    );
    await Promise.all(previews);
  }
  expect(await allRows()).toEqual(before);
});
