import { inBlocks } from '../blocks.ts';
import { firstIdAt } from '../input/ids.ts';
import { whereActive } from './find.ts';
import { endOldestSessions, removableBefore } from './session-limits.ts';
import type { SessionsApp } from './sessions-app.ts';

const blockSize = 500;

/** Ends the oldest active sessions of users who have more than they may; answers how many. */
export async function endSurplusSessions(app: SessionsApp, signal: AbortSignal): Promise<number> {
  const { MAX_SESSIONS_PER_USER: most } = app.config;
  let ended = 0;
  await inBlocks(signal, async (cursor) => {
    const users = await app.db.reader.session.groupBy({
      by: ['userId'],
      where: { userId: { gt: cursor }, ...whereActive(app.now()) },
      _count: true,
      orderBy: { userId: 'asc' },
      take: blockSize,
    });
    for (const { userId } of users.filter(({ _count }) => _count > most)) {
      ended += await app.db.transaction(async (tx) => {
        await app.db.lockUser(tx, userId);
        return endOldestSessions(tx, userId, most, app.now());
      });
    }
    return users.at(-1)?.userId;
  });
  return ended;
}

/** Removes the sessions of all users that ended long ago; answers how many. */
export async function removeOldSessions(app: SessionsApp, signal: AbortSignal): Promise<number> {
  const before = removableBefore(app.now());
  let removed = 0;
  await inBlocks(signal, async (cursor) => {
    const sessions = await app.db.reader.session.findMany({
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
      removed += (await app.db.transaction((tx) => tx.session.deleteMany({ where }))).count;
    }
    return sessions.at(-1)?.id;
  });
  return removed;
}

/** Removes the rows of refresh tokens whose session does not go on; answers how many. */
export async function removeDeadRefreshTokens(app: SessionsApp, signal: AbortSignal): Promise<number> {
  const { reader } = app.db;
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
      where: { id: { in: ids }, ...whereActive(app.now()) },
      select: { id: true },
    });
    const going = new Set(active.map(({ id }) => id));
    const dead = tokens.filter(({ sessionId }) => !going.has(sessionId)).map(({ hash }) => hash);
    if (dead.length > 0) {
      const where = { hash: { in: dead } };
      removed += (await app.db.transaction((tx) => tx.refreshToken.deleteMany({ where }))).count;
    }
    return tokens.at(-1)?.hash;
  });
  return removed;
}
