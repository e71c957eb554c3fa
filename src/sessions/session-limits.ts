import type { Prisma, Session, Transaction } from '../db/database.ts';
import { whereActive } from './find.ts';

/** Sessions that ended are kept to be looked into: so long, and so many of each user. */
const keptMs = 30 * 24 * 3_600_000;
export const maxEndedSessions = 100;

/** So many are ended or removed in one transaction. Who has more of them, from before there was a limit, has the cleanup go on. */
const blockSize = 500;

/** The moment before which a session must have ended to be removed. */
export function removableBefore(now: Date): Date {
  return new Date(now.getTime() - keptMs);
}

export function whereEnded(now: Date): Prisma.SessionWhereInput {
  return { OR: [{ endedAt: { not: null } }, { expiresAt: { lte: now } }] };
}

/**
 * Within a transaction that has locked the user: ends active sessions, so that only the newest go on; answers those that it
 * ended, five hundred at most.
 */
export async function endOldestSessions(tx: Transaction, userId: string, most: number, now: Date): Promise<Session[]> {
  const surplus = await findBeyond(tx, { userId, ...whereActive(now) }, most);
  if (!surplus) return [];
  const sessions = await tx.prisma.session.findMany({ where: surplus, orderBy: { id: 'desc' } });
  const data = { endedAt: now, updatedAt: now };
  await tx.prisma.session.updateMany({ where: surplus, data });
  return sessions.map((session) => ({ ...session, ...data }));
}

/** Within a transaction: removes ended sessions, so that only the newest are kept; answers how many, five hundred at most. */
export async function removeOldestEndedSessions(tx: Transaction, userId: string, now: Date): Promise<number> {
  const surplus = await findBeyond(tx, { userId, ...whereEnded(now) }, maxEndedSessions);
  return surplus ? (await tx.prisma.session.deleteMany({ where: surplus })).count : 0;
}

/** A block of these sessions that come after so many newer ones, or null where none does. */
async function findBeyond(
  tx: Transaction,
  where: Prisma.SessionWhereInput,
  most: number,
): Promise<Prisma.SessionWhereInput | null> {
  const found = await tx.prisma.session.findMany({
    where,
    orderBy: { id: 'desc' },
    skip: most,
    take: blockSize,
    select: { id: true },
  });
  const [newest, oldest] = [found[0], found.at(-1)];
  return newest && oldest ? { ...where, id: { lte: newest.id, gte: oldest.id } } : null;
}
