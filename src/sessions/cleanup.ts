import type { Database, Prisma } from '../db/database.ts';
import { firstIdAt } from '../input/ids.ts';
import { inBlocks } from '../jobs/blocks.ts';
import { endsOf } from './end-sessions.ts';
import { whereActive } from './find.ts';
import {
  endOldestSessions,
  maxEndedSessions,
  removableBefore,
  removeOldestEndedSessions,
  whereEnded,
} from './session-limits.ts';
import type { SessionsApp } from './sessions-app.ts';

type Given = Pick<SessionsApp, 'config' | 'db' | 'now'>;
type Telling = Given & Pick<SessionsApp, 'events'>;

const blockSize = 500;

/** Brings the sessions that are stored under the bounds of today, and removes what nobody needs of them. */
export async function cleanUpSessions(given: Telling, signal: AbortSignal): Promise<Record<string, number>> {
  return {
    endedSessions: await endSurplusSessions(given, signal),
    removedSessions: (await removeOldSessions(given, signal)) + (await removeSurplusEndedSessions(given, signal)),
    removedRefreshTokens: await removeDeadRefreshTokens(given, signal),
  };
}

/** Ends the oldest active sessions of users who have more than they may; answers how many. */
async function endSurplusSessions({ db, config, events, now }: Telling, signal: AbortSignal): Promise<number> {
  const most = config.MAX_SESSIONS_PER_USER;
  return ofUsersWithMore(
    db,
    most,
    () => whereActive(now()),
    signal,
    (userId) =>
      db.transaction(async (tx) => {
        const [user] = await tx.statements.lock([userId]);
        if (!user) return 0;
        const ended = await endOldestSessions(tx, userId, most, now());
        await events.record(tx, 'roster', endsOf(user, ended));
        return ended.length;
      }),
  );
}

/** Removes the oldest ended sessions of users who have more of them than are kept; answers how many. */
async function removeSurplusEndedSessions({ db, now }: Given, signal: AbortSignal): Promise<number> {
  return ofUsersWithMore(
    db,
    maxEndedSessions,
    () => whereEnded(now()),
    signal,
    (userId) => db.transaction((tx) => removeOldestEndedSessions(tx, userId, now())),
  );
}

/** Does the work for each user who has more of these sessions, until it answers that nothing was left to do; answers the sum. */
async function ofUsersWithMore(
  { reader }: Database,
  most: number,
  where: () => Prisma.SessionWhereInput,
  signal: AbortSignal,
  work: (userId: string) => Promise<number>,
): Promise<number> {
  let sum = 0;
  await inBlocks(signal, async (cursor) => {
    const users = await reader.session.groupBy({
      by: ['userId'],
      where: { userId: { gt: cursor }, ...where() },
      _count: true,
      orderBy: { userId: 'asc' },
      take: blockSize,
    });
    for (const { userId } of users.filter(({ _count }) => _count > most)) {
      await inBlocks(signal, async () => {
        const done = await work(userId);
        sum += done;
        return done > 0 ? '' : undefined;
      });
    }
    return users.at(-1)?.userId;
  });
  return sum;
}

/** Removes the sessions of all users that ended long ago; answers how many. */
export async function removeOldSessions({ db, now }: Given, signal: AbortSignal): Promise<number> {
  const before = removableBefore(now());
  let removed = 0;
  await inBlocks(signal, async (cursor) => {
    const sessions = await db.reader.session.findMany({
      where: { id: { gt: cursor, lt: firstIdAt('session', before) } },
      orderBy: { id: 'asc' },
      take: blockSize,
      select: { id: true, endedAt: true, expiresAt: true },
    });
    const old = sessions.filter(({ endedAt, expiresAt }) =>
      [endedAt ?? expiresAt, expiresAt].some((end) => end < before),
    );
    if (old.length > 0) {
      const where = { id: { in: old.map(({ id }) => id) } };
      removed += (await db.transaction((tx) => tx.prisma.session.deleteMany({ where }))).count;
    }
    return sessions.at(-1)?.id;
  });
  return removed;
}

/** Removes the rows of refresh tokens whose session does not go on; answers how many. */
async function removeDeadRefreshTokens({ db, now }: Given, signal: AbortSignal): Promise<number> {
  const { reader } = db;
  let removed = 0;
  await inBlocks(signal, async (cursor) => {
    const tokens = await reader.refreshToken.findMany({
      where: { hash: { gt: cursor } },
      orderBy: { hash: 'asc' },
      take: blockSize,
      select: { hash: true, sessionId: true },
    });
    const ids = [...new Set(tokens.map(({ sessionId }) => sessionId))];
    const active = await reader.session.findMany({
      where: { id: { in: ids }, ...whereActive(now()) },
      select: { id: true },
    });
    const going = new Set(active.map(({ id }) => id));
    const dead = tokens.filter(({ sessionId }) => !going.has(sessionId)).map(({ hash }) => hash);
    if (dead.length > 0) {
      const where = { hash: { in: dead } };
      removed += (await db.transaction((tx) => tx.prisma.refreshToken.deleteMany({ where }))).count;
    }
    return tokens.at(-1)?.hash;
  });
  return removed;
}
