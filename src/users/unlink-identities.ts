import type { Prisma, Transaction } from '../db/database.ts';
import type { IdentityReason, Whose } from '../events/event-data.ts';
import type { NewEvent } from '../events/event-types.ts';
import type { Actor } from '../principal/principal.ts';
import type { UsersApp } from './users-app.ts';

/** Which identities of a user go, and why. */
interface Unlinking {
  readonly user: Whose;
  readonly where: Omit<Prisma.IdentityWhereInput, 'userId'>;
  readonly reason: IdentityReason;
}

/** Within a transaction that has locked the user: unlinks their identities that are meant, and records each. */
export async function unlinkIdentities(
  app: Pick<UsersApp, 'events'>,
  tx: Transaction,
  actor: Actor,
  { user, where, reason }: Unlinking,
): Promise<void> {
  const ofUser = { ...where, userId: user.id };
  const identities = await tx.prisma.identity.findMany({ where: ofUser, orderBy: { id: 'asc' } });
  if (identities.length === 0) return;
  await tx.prisma.identity.deleteMany({ where: ofUser });
  const events = identities.map((identity): NewEvent => ({ type: 'identity.unlinked', user, identity, reason }));
  await app.events.record(tx, actor, events);
}
