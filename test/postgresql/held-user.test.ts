import { expect, onTestFinished, test } from 'vitest';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp } from '../support/app.ts';
import { holdWrites } from '../support/hold-writes.ts';
import { dump, makeUser } from '../support/users.ts';

test('a user held by another transaction keeps no update of anybody else waiting', async () => {
  const t = await createTestApp({ DATABASE_STATEMENT_TIMEOUT_MS: '4000' });
  onTestFinished(t.close);
  const [free, held, alsoFree] = [await makeUser(t.app), await makeUser(t.app), await makeUser(t.app)];
  const holder = await holdWrites(t.app.config.DATABASE_URL, held.id);
  onTestFinished(holder.release);

  const answered: string[] = [];
  const update = (id: string, firstName: string) =>
    updateUser(t.app, 'roster', id, { firstName }).finally(() => answered.push(firstName));
  const results = await Promise.allSettled([
    update(free.id, 'first'),
    update(held.id, 'held'),
    update(held.id, 'held, too'),
    update(alsoFree.id, 'last').then(() => update(free.id, 'later')),
  ]);

  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({ reason: { code: 'service_unavailable' } });
  expect(answered).toEqual(['first', 'last', 'later', 'held', 'held, too']);

  const waiting = update(held.id, 'released');
  await holder.untilWaiting(1, async () => {});
  await holder.release();
  expect(await waiting).toMatchObject({ firstName: 'released', version: 2 });
  const { users } = await dump(t.app);
  expect(users.map(({ firstName }) => firstName)).toEqual(['later', 'released', 'last']);
});
