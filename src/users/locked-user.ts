import type { App } from '../app.ts';
import type { Transaction, User } from '../db/database.ts';
import { lookupKey } from './ids.ts';
import { userNotFound } from './refusals.ts';

/** Within a transaction: the user as they are now, and as they stay until its end; throws `entity_not_found`. */
export async function getLockedUser(app: App, tx: Transaction, id: string): Promise<User> {
  const user = await app.db.lockUser(tx, lookupKey(id));
  if (!user) throw userNotFound(id);
  return user;
}
