import { invalidateCodes } from '../codes/invalidation.ts';
import type { Transaction, User } from '../db/database.ts';
import { revokeOtherSessions } from '../sessions/revoke.ts';
import type { UsersApp } from './users-app.ts';

/**
 * Within a transaction that has locked a user whose address is not verified, and whose mailbox somebody has just proven to be
 * theirs without the password: takes every way in from whoever registered the address before them ("pre-hijacking",
 * Sudhodanan and Paverd, USENIX Security 2022). A password that a backend imported stays: it is from where the user comes from.
 */
export async function disarm(app: UsersApp, tx: Transaction, { id, emailCanonical }: User): Promise<void> {
  const now = app.now();
  await tx.prisma.password.deleteMany({ where: { userId: id, origin: { not: 'imported' } } });
  await revokeOtherSessions(tx, id, null, now);
  const others = { OR: [{ emailCanonical: null }, { emailCanonical: { not: emailCanonical } }] };
  await tx.prisma.identity.deleteMany({ where: { userId: id, ...others } });
  await invalidateCodes(tx, 'disarmed', id, now);
}
