import type { Prisma } from '../db/database.ts';
import { whereActive } from './find.ts';

/** What ends, in Prisma's words, every active session of a user but the one to be kept, if any. */
export function endOfOtherSessions(
  userId: string,
  keepSessionId: string | null,
  now: Date,
): Required<Pick<Prisma.SessionUpdateManyArgs, 'where' | 'data'>> {
  return {
    where: { userId, ...whereActive(now), ...(keepSessionId !== null && { id: { not: keepSessionId } }) },
    data: { endedAt: now, updatedAt: now },
  };
}
