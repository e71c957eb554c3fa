import type { Prisma, Session } from '../db/database.ts';
import { cutPage, type KeysetPage, keysetOf } from '../input/keyset.ts';
import type { SessionsApp } from './sessions-app.ts';

export type SessionStatus = 'active' | 'expired' | 'revoked';

/** What a session is at this moment. */
export function statusOf({ endedAt, expiresAt }: Session, now: Date): SessionStatus {
  if (endedAt) return 'revoked';
  return expiresAt > now ? 'active' : 'expired';
}

/** The sessions that are active at this moment, in Prisma's words. */
export function whereActive(now: Date): Prisma.SessionWhereInput {
  return { endedAt: null, expiresAt: { gt: now } };
}

/** One page of the active sessions of a user, in the order of creation, and whether the range goes on beyond it. */
export async function findActiveSessions(
  app: SessionsApp,
  userId: string,
  page: KeysetPage,
): Promise<{ rows: Session[]; hasMore: boolean }> {
  const { where, ...order } = keysetOf(page);
  const rows = await app.db.reader.session.findMany({
    where: { AND: [{ userId }, whereActive(app.now()), ...where] },
    ...order,
  });
  return cutPage(rows, page);
}
