import type { App } from '../app.ts';
import type { Session, Transaction } from '../db/database.ts';
import { newId } from '../users/ids.ts';
import type { ClientFacts } from './client-facts.ts';
import { firstToken } from './refresh-tokens.ts';

const hourMs = 3_600_000;
/** Sessions that ended are kept for so long, to be looked into. */
const keptMs = 30 * 24 * hourMs;

/** Within the transaction of a sign-in: starts a session, and removes those of the user that ended long ago. */
export async function startSession(
  app: App,
  tx: Transaction,
  userId: string,
  client: ClientFacts,
): Promise<{ session: Session; refreshToken: string }> {
  const now = app.now();
  await removeOldSessions(tx, userId, new Date(now.getTime() - keptMs));
  const { id, createdAt } = newId('session', now);
  const session = await tx.session.create({
    data: {
      id,
      userId,
      authMethod: 'password',
      ...client,
      createdAt,
      updatedAt: createdAt,
      expiresAt: new Date(now.getTime() + app.config.SESSION_LIFETIME_HOURS * hourMs),
    },
  });
  const { family, text } = firstToken(id, now);
  await tx.refreshTokenFamily.create({ data: family });
  return { session, refreshToken: text };
}

async function removeOldSessions(tx: Transaction, userId: string, before: Date): Promise<void> {
  await tx.session.deleteMany({
    where: { userId, OR: [{ endedAt: { lt: before } }, { expiresAt: { lt: before } }] },
  });
}
