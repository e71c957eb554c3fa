import type { Prisma, Transaction } from '../db/database.ts';
import { whereActive } from './find.ts';

/** Sessions that ended are kept to be looked into: so long, and so many of each user. */
const keptMs = 30 * 24 * 3_600_000;
const maxEndedSessions = 100;

/** The moment before which a session must have ended to be removed. */
export function removableBefore(now: Date): Date {
  return new Date(now.getTime() - keptMs);
}

/** Within a transaction that has locked the user: ends all active sessions but the newest; answers how many it ended. */
export async function endOldestSessions(tx: Transaction, userId: string, most: number, now: Date): Promise<number> {
  const active = { userId, ...whereActive(now) };
  const surplus = await findBeyond(tx, active, most);
  if (surplus === null) return 0;
  const data = { endedAt: now, updatedAt: now };
  return (await tx.session.updateMany({ where: { ...active, id: { lte: surplus } }, data })).count;
}

/** Within a transaction: removes the sessions of a user that ended long ago, and all but the newest that have ended. */
export async function removeEndedSessions(tx: Transaction, userId: string, now: Date): Promise<void> {
  const before = removableBefore(now);
  const ended: Prisma.SessionWhereInput = { OR: [{ endedAt: { not: null } }, { expiresAt: { lte: now } }] };
  const surplus = await findBeyond(tx, { userId, ...ended }, maxEndedSessions);
  const old: Prisma.SessionWhereInput[] = [{ endedAt: { lt: before } }, { expiresAt: { lt: before } }];
  const beyond = surplus === null ? [] : [{ ...ended, id: { lte: surplus } }];
  await tx.session.deleteMany({ where: { userId, OR: [...old, ...beyond] } });
}

/** The id of the newest of these sessions that comes after so many others, or null. */
async function findBeyond(tx: Transaction, where: Prisma.SessionWhereInput, most: number): Promise<string | null> {
  const found = await tx.session.findFirst({ where, orderBy: { id: 'desc' }, skip: most, select: { id: true } });
  return found?.id ?? null;
}
