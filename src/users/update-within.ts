import type { Transaction } from '../db/database.ts';
import { type UpdatedUser, updateUserWithin } from '../db/user-updates.ts';
import type { NewPassword } from '../passwords/stored-password.ts';
import type { Actor } from '../principal/principal.ts';
import { decideWithRows } from './decided-rows.ts';
import type { ParsedFields } from './fields.ts';
import type { UsersApp } from './users-app.ts';

interface ProvenUpdate {
  readonly id: string;
  readonly actor: Actor;
  readonly fields: ParsedFields;
  readonly password?: NewPassword;
  /** The password is set by a link that was mailed. */
  readonly isReset?: boolean;
}

/**
 * Within a transaction that has used a code or a token: an update like any other, with all that follows from it. Who may, and
 * whether the values are good, was decided before.
 */
export async function updateWithin(
  app: UsersApp,
  tx: Transaction,
  { id, actor, fields, password: given, isReset = false }: ProvenUpdate,
): Promise<UpdatedUser> {
  const password = given ?? null;
  const update = { id, actor, fields, isReset, password, verifiedHash: null, policy: app.config, now: app.now() };
  const identities = fields.email !== undefined || password !== null;
  return updateUserWithin(tx, {
    id,
    reads: { password: password !== null, identities, session: null },
    decide(stored) {
      const decided = decideWithRows(app, stored, update);
      if (decided) tx.afterCommit(decided.wake);
      return decided;
    },
  });
}

/** Within a transaction that has used a code that was mailed there: the address is the user's. */
export async function verifyAddress(app: UsersApp, tx: Transaction, actor: Actor, id: string): Promise<void> {
  await updateWithin(app, tx, { id, actor, fields: { emailVerified: true } });
}
