import type { Session, Transaction } from '../db/database.ts';
import type { Whose } from '../events/event-data.ts';
import { newId } from '../input/ids.ts';
import type { Actor } from '../principal/principal.ts';
import type { ClientMetadata } from './client-metadata.ts';
import { endsOf } from './end-sessions.ts';
import { firstToken } from './refresh-tokens.ts';
import { endOldestSessions } from './session-limits.ts';
import type { SessionsApp } from './sessions-app.ts';

/** How somebody signed in, in WorkOS's words. */
export type AuthMethod = 'password' | 'magic_code';

const hourMs = 3_600_000;

/**
 * Within the transaction of a sign-in, which has locked the user: starts a session. It ends the oldest of too many.
 */
export async function startSession(
  app: SessionsApp,
  tx: Transaction,
  actor: Actor,
  user: Whose,
  authMethod: AuthMethod,
  client: ClientMetadata,
): Promise<{ session: Session; refreshToken: string }> {
  const now = app.now();
  const ended = await endOldestSessions(tx, user.id, app.config.MAX_SESSIONS_PER_USER - 1, now);
  const { id, createdAt } = newId('session', now);
  const session = await tx.prisma.session.create({
    data: {
      id,
      userId: user.id,
      authMethod,
      ...client,
      createdAt,
      updatedAt: createdAt,
      expiresAt: new Date(now.getTime() + app.config.SESSION_LIFETIME_HOURS * hourMs),
    },
  });
  const { family, text } = firstToken(id, now);
  await tx.prisma.refreshTokenFamily.create({ data: family });
  await app.events.record(tx, actor, [{ type: 'session.created', user, session }, ...endsOf(user, ended)]);
  return { session, refreshToken: text };
}
