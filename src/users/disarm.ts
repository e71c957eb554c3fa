import { invalidateCodes } from '../codes/invalidation.ts';
import type { Transaction, User } from '../db/database.ts';
import type { Actor } from '../principal/principal.ts';
import { revokeOtherSessions } from '../sessions/revoke.ts';
import { unlinkIdentities } from './unlink-identities.ts';
import type { UsersApp } from './users-app.ts';

/**
 * Within a transaction that has locked a user whose address is not verified, and whose mailbox somebody has just proven to be
 * theirs without the password: takes every way in from whoever registered the address before them ("pre-hijacking",
 * Sudhodanan and Paverd, USENIX Security 2022). A password that a backend imported stays: it is from where the user comes from.
 */
export async function disarm(app: UsersApp, tx: Transaction, actor: Actor, user: User): Promise<void> {
  const { id, emailCanonical } = user;
  const { count } = await tx.prisma.password.deleteMany({ where: { userId: id, origin: { not: 'imported' } } });
  if (count > 0) await app.events.record(tx, actor, [{ type: 'user.password_changed', user, reason: 'removed' }]);
  const where = { OR: [{ emailCanonical: null }, { emailCanonical: { not: emailCanonical } }] };
  await unlinkIdentities(app, tx, actor, { user, where, reason: 'mailbox_proven' });
  await revokeOtherSessions(app, tx, actor, user, null);
  await invalidateCodes(tx, 'disarmed', id, app.now());
}
