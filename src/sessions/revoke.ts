import type { Session, Transaction } from '../db/database.ts';
import { entityNotFound } from '../errors.ts';
import type { Whose } from '../events/event-data.ts';
import { lookupKey } from '../input/ids.ts';
import { assertScopes } from '../principal/authorization.ts';
import { type Actor, actingUser } from '../principal/principal.ts';
import { endsOf } from './end-sessions.ts';
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
    // Locked, so that what happens to a user is recorded in the order in which it happened.
    const [owner] = await tx.statements.lock([session.userId]);
    if (!owner) throw entityNotFound('Session', id);
    return session.endedAt ? session : endSession(app, tx, actor, { user: owner, session });
  });
}

/** Ends every active session of a user; answers those that it ended, newest first. Throws `entity_not_found`. */
export async function revokeAllSessions(app: SessionsApp, actor: Actor, userId: string): Promise<Session[]> {
  assertScopes(actor, ['sessions:write']);
  return app.db.transaction(async (tx) => {
    // Locked, so that a sign-in under way has its session seen, or comes after.
    const [user] = await tx.statements.lock([lookupKey(userId)]);
    if (!user) throw entityNotFound('User', userId);
    return revokeOtherSessions(app, tx, actor, user, null);
  });
}

/** As many as a user can have, whatever the settings; who had more, before there was a limit, is told of the newest. */
const maxTold = 1000;

/**
 * Within a transaction that has locked the user: ends every active session of theirs but the one to be kept; answers those
 * that it ended, newest first.
 */
export async function revokeOtherSessions(
  app: SessionsApp,
  tx: Transaction,
  actor: Actor,
  user: Whose,
  keptId: string | null,
): Promise<Session[]> {
  const ended = await tx.statements.endSessions([{ userId: user.id, keptId, endedAt: app.now() }]);
  const sessions = ended.slice(0, maxTold);
  await app.events.record(tx, actor, endsOf(user, sessions));
  return sessions;
}

/** Within a transaction that has locked the user: ends a session, unless it has just ended or gone. */
export async function endSession(
  app: SessionsApp,
  tx: Transaction,
  actor: Actor,
  { user, session }: { user: Whose; session: Session },
): Promise<Session> {
  const end = { endedAt: app.now(), updatedAt: app.now() };
  const { count } = await tx.prisma.session.updateMany({ where: { id: session.id, endedAt: null }, data: end });
  const ended = { ...session, ...end };
  if (count > 0) await app.events.record(tx, actor, endsOf(user, [ended]));
  return ended;
}
