import type { Session, Transaction } from '../db/database.ts';
import { entityNotFound } from '../errors.ts';
import { lookupKey } from '../input/ids.ts';
import { assertScopes } from '../principal/authorization.ts';
import { type Actor, actingUser } from '../principal/principal.ts';
import { endOfOtherSessions } from './end-sessions.ts';
import type { SessionsApp } from './sessions-app.ts';

/**
 * Ends a session; answers it. One that has ended stays as it is. Users end their own: the session of another one is
 * refused as one that there is not, with `entity_not_found`.
 */
export async function revokeSession(app: SessionsApp, actor: Actor, id: string): Promise<Session> {
  const user = actingUser(actor);
  if (!user) assertScopes(actor, ['sessions:write']);
  const where = { id: lookupKey(id) };
  return app.db.transaction(async (tx) => {
    const session = await tx.prisma.session.findUnique({ where });
    if (!session || (user && user.userId !== session.userId)) throw entityNotFound('Session', id);
    return session.endedAt ? session : endSession(tx, session, app.now());
  });
}

/** Ends every active session of a user; answers those that it ended, newest first. Throws `entity_not_found`. */
export async function revokeAllSessions(app: SessionsApp, actor: Actor, userId: string): Promise<Session[]> {
  assertScopes(actor, ['sessions:write']);
  return app.db.transaction(async (tx) => {
    // Locked, so that a sign-in under way has its session seen, or comes after.
    const [user] = await tx.statements.lock([lookupKey(userId)]);
    if (!user) throw entityNotFound('User', userId);
    return revokeOtherSessions(tx, userId, null, app.now());
  });
}

/** As many as a user can have, whatever the settings; who had more, before there was a limit, is told of the newest. */
const maxAnswered = 1000;

/**
 * Within a transaction that has locked the user: ends every active session of theirs but the one to be kept; answers those
 * that it ended, newest first.
 */
export async function revokeOtherSessions(
  tx: Transaction,
  userId: string,
  keepSessionId: string | null,
  now: Date,
): Promise<Session[]> {
  const { where, data } = endOfOtherSessions(userId, keepSessionId, now);
  const sessions = await tx.prisma.session.findMany({ where, orderBy: { id: 'desc' }, take: maxAnswered });
  await tx.prisma.session.updateMany({ where, data });
  return sessions.map((session) => ({ ...session, endedAt: now, updatedAt: now }));
}

/** Within a transaction: ends a session, unless it has just ended or gone. */
export async function endSession(tx: Transaction, session: Session, now: Date): Promise<Session> {
  const end = { endedAt: now, updatedAt: now };
  await tx.prisma.session.updateMany({ where: { id: session.id, endedAt: null }, data: end });
  return { ...session, ...end };
}
