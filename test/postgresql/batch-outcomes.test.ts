import { expect, onTestFinished, test } from 'vitest';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp } from '../support/app.ts';
import { holdWrites } from '../support/hold-writes.ts';
import { dump, makeUser, newAddress } from '../support/users.ts';

test('what is committed is answered as such, although a later update of the batch finds its row held for too long', async () => {
  const t = await createTestApp({ DATABASE_STATEMENT_TIMEOUT_MS: '500' });
  onTestFinished(t.close);
  const [a, b, c] = [await makeUser(t.app), await makeUser(t.app), await makeUser(t.app)];
  const [second, third] = [newAddress(), newAddress()];
  const held = await holdWrites(t.app.config.DATABASE_URL, b.id);
  onTestFinished(held.release);

  // Two addresses of one user: the batch is applied one by one.
  const results = await Promise.allSettled([
    updateUser(t.app, a.id, { email: second }),
    updateUser(t.app, a.id, { email: third }),
    updateUser(t.app, b.id, { firstName: 'refused' }),
    updateUser(t.app, c.id, { firstName: 'refused' }),
  ]);

  const unavailable = { status: 'rejected', reason: { code: 'service_unavailable' } };
  expect(results).toMatchObject([
    { status: 'fulfilled', value: { email: second, version: 2 } },
    { status: 'fulfilled', value: { email: third, version: 3 } },
    unavailable,
    unavailable,
  ]);
  await held.release();
  const { users } = await dump(t.app);
  const stored = [a, b, c].map(({ id }) => users.find((user) => user.id === id));
  expect(stored).toMatchObject([
    { email: third, version: 3 },
    { firstName: null, version: 1 },
    { firstName: null, version: 1 },
  ]);
});
