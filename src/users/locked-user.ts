import type { Transaction, User } from '../db/database.ts';
import { lookupKey } from '../input/ids.ts';
import { assertCurrent, type Expectation } from './user-errors.ts';

/**
 * Within a transaction: the user as they are now, and as they stay until its end; throws `entity_not_found`, and
 * `version_mismatch` where another version is expected.
 */
export async function getLockedUser(tx: Transaction, id: string, expectation: Expectation = {}): Promise<User> {
  const [user] = await tx.statements.lock([lookupKey(id)]);
  assertCurrent(user, id, expectation);
  return user;
}
