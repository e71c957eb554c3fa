import { expect, onTestFinished, test } from 'vitest';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp } from '../support/app.ts';
import { holdWrites } from '../support/hold-writes.ts';
import { ask, type KeyedCall, operation } from '../support/keyed.ts';
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

test('whoever waits with a key for a user whom another transaction holds hears so, and may repeat the request', async () => {
  const t = await createTestApp({ DATABASE_STATEMENT_TIMEOUT_MS: '5000' });
  onTestFinished(t.close);
  const made = await Promise.all(Array.from({ length: 5 }, () => makeUser(t.app)));
  const [one, two, three, four, five] = made.map(({ id }) => id) as [string, string, string, string, string];
  const path = (id: string) => `/user_management/users/${id}`;
  const list =
    'mutation ($updates: [UpdateUsersItem!]!, $onError: BulkErrorPolicy!) { updateUsers(updates: $updates, onError: $onError) { updated } }';
  const updates = (id: string) => [{ id, input: { firstName: 'Ada' } }];
  const calls: [string, KeyedCall][] = [
    [
      one,
      operation('mutation ($id: ID!) { updateUser(id: $id, input: { firstName: "Ada" }) { version } }', { id: one }),
    ],
    [two, { method: 'PUT', path: path(two), body: { first_name: 'Ada' } }],
    [three, { method: 'DELETE', path: path(three) }],
    [four, operation(list, { updates: updates(four), onError: 'CONTINUE' })],
    [five, operation(list, { updates: updates(five), onError: 'ROLLBACK' })],
  ];
  const holders = await Promise.all(calls.map(([id]) => holdWrites(t.app.config.DATABASE_URL, id)));
  const release = () => Promise.all(holders.map((holder) => holder.release()));
  onTestFinished(release as () => Promise<never>);

  const held = await Promise.all(calls.map(([id, call]) => ask(t, id, call)));
  for (const { text, headers } of held) {
    expect(text).toMatch(/another one that holds the same user|nothing was written/);
    expect(text).toMatch(/"code":"(idempotency_error|service_unavailable)"/i);
    expect(headers.get('retry-after')).toBe('1');
  }
  await release();
  for (const isReplayed of [false, true]) {
    const answers = await Promise.all(calls.map(([id, call]) => ask(t, id, call)));
    expect(answers.map(({ status, replayed }) => [status, replayed])).toEqual(
      [200, 200, 204, 200, 200].map((status) => [status, isReplayed]),
    );
  }
  const { users } = await dump(t.app);
  expect(users.map(({ firstName, version }) => [firstName, version])).toEqual(Array(4).fill(['Ada', 2]));
});
