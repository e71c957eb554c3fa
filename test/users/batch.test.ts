import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultPool } from '../../src/db/options.ts';
import type { Transact } from '../../src/db/transactions.ts';
import { createUserUpdates } from '../../src/db/user-updates.ts';
import { DomainError } from '../../src/errors.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { dump, linkAddresses, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

const settle = (updates: Promise<unknown>[]) => Promise.allSettled(updates);

describe('updates that arrive together', () => {
  test('of one user build on each other, each answered as it was after its own', async () => {
    const { id } = await makeUser(t.app);
    const users = await Promise.all([
      updateUser(t.app, 'roster', id, { firstName: 'A' }),
      updateUser(t.app, 'roster', id, { lastName: 'B' }),
      updateUser(t.app, 'roster', id, {}),
      updateUser(t.app, 'roster', id, { metadata: { a: '1' } }),
      updateUser(t.app, 'roster', id, { metadata: { b: '2' } }),
    ]);
    expect(users.map(({ version }) => version)).toEqual([2, 3, 3, 4, 5]);
    expect(users[0]).toMatchObject({ firstName: 'A', lastName: null });
    expect(users[4]).toMatchObject({ firstName: 'A', lastName: 'B', metadata: { a: '1', b: '2' } });
    expect(await t.app.db.reader.user.findUnique({ where: { id } })).toEqual(users[4]);
  });

  test('do not harm each other: the refused ones are refused, the others stand', async () => {
    const [a, b, c] = await Promise.all([makeUser(t.app), makeUser(t.app), makeUser(t.app)]);
    const results = await settle([
      updateUser(t.app, 'roster', a.id, { firstName: 'stands' }),
      updateUser(t.app, 'roster', b.id, { email: a.email, firstName: 'refused' }),
      updateUser(t.app, 'roster', 'user_nobody', { firstName: 'refused' }),
      updateUser(t.app, 'roster', c.id, { firstName: 'stands' }, { expectedVersion: 1 }),
      updateUser(t.app, 'roster', c.id, { firstName: 'refused' }, { expectedVersion: 1 }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled', 'rejected']);
    const { users } = await dump(t.app);
    const names = [a, b, c].map(({ id }) => users.find((user) => user.id === id)?.firstName);
    expect(names).toEqual(['stands', null, 'stands']);
  });

  test('cannot smuggle a value past the unique constraint by giving it back at once', async () => {
    const other = await makeUser(t.app, { externalId: 'taken' });
    const email = newAddress();
    const user = await makeUser(t.app, { email, emailVerified: true });
    await linkAddresses(t.app, user.id, [email]);
    const before = await dump(t.app);
    const results = await settle([
      updateUser(t.app, 'roster', user.id, { email: other.email }),
      updateUser(t.app, 'roster', user.id, { email }),
      updateUser(t.app, 'roster', user.id, { externalId: 'taken' }),
      updateUser(t.app, 'roster', user.id, { externalId: null }),
    ]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'email_not_available' } },
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'external_id_already_used' } },
      { status: 'fulfilled' },
    ]);
    expect(await dump(t.app)).toEqual(before);
  });

  test('cannot claim a taken value by clearing it at once', async () => {
    await makeUser(t.app, { externalId: 'claimed' });
    const { id } = await makeUser(t.app);
    const results = await settle([
      updateUser(t.app, 'roster', id, { externalId: 'claimed' }),
      updateUser(t.app, 'roster', id, { externalId: null }),
    ]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'external_id_already_used' } },
      { status: 'fulfilled', value: { version: 1 } },
    ]);
  });

  test('and are committed one by one stay answered, although a later one finds the database away', async () => {
    const [a, b, c] = [await makeUser(t.app), await makeUser(t.app), await makeUser(t.app)];
    let transactions = 0;
    const transact: Transact = (...work) => {
      transactions += 1;
      if (transactions > 2) throw new DomainError('service_unavailable', 'away');
      return t.app.db.transaction(...work);
    };
    const app = { ...t.app, db: { ...t.app.db, updateUser: createUserUpdates(transact, defaultPool) } };
    const [second, third] = [newAddress(), newAddress()];
    const results = await settle([
      updateUser(app, 'roster', a.id, { email: second }), // two addresses of one user: the batch is applied one by one
      updateUser(app, 'roster', a.id, { email: third }),
      updateUser(app, 'roster', b.id, { externalId: 'refused b' }),
      updateUser(app, 'roster', c.id, { externalId: 'refused c' }),
    ]);
    const unavailable = { status: 'rejected', reason: { code: 'service_unavailable' } };
    expect(results).toMatchObject([
      { status: 'fulfilled', value: { email: second, version: 2 } },
      { status: 'fulfilled', value: { email: third, version: 3 } },
      unavailable,
      unavailable,
    ]);
    const { users } = await dump(t.app);
    const stored = [a, b, c].map(({ id }) => users.find((user) => user.id === id));
    expect(stored).toMatchObject([{ email: third }, { externalId: null }, { externalId: null }]);
  });

  test('that move an address from one user to another both stand', async () => {
    const [a, b] = [await makeUser(t.app), await makeUser(t.app)];
    const results = await settle([
      updateUser(t.app, 'roster', a.id, { email: newAddress() }),
      updateUser(t.app, 'roster', b.id, { email: a.email }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });

  test('A → B → A leaves no identity that matched only one of them', async () => {
    const [first, second] = [newAddress(), newAddress()];
    const { id } = await makeUser(t.app, { email: first });
    await linkAddresses(t.app, id, [first, second]);
    const [, last] = await Promise.all([
      updateUser(t.app, 'roster', id, { email: second }, { withIdentities: true }),
      updateUser(t.app, 'roster', id, { email: first }, { withIdentities: true }),
    ]);
    expect(last?.identities).toEqual([]);
    expect((await dump(t.app)).identities.filter(({ userId }) => userId === id)).toEqual([]);
  });
});
