import type { App } from '../app.ts';
import type { Transaction } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import type { UserQuery } from '../users/update.ts';
import { type Authentication, completeAuthentication, type Granted } from './authentication.ts';
import { statusOf } from './find.ts';
import { addRefreshToken, hashRefreshToken } from './refresh-tokens.ts';
import { endSession } from './revoke.ts';

/**
 * Exchanges a refresh token for a new access token and the next refresh token. Each counts once: when a used one comes
 * again, somebody else has a copy, and its session ends (RFC 9700, section 4.14.2). Throws `invalid_grant`, one and the
 * same for an unknown token, a used one, and one whose session has ended.
 */
export async function refreshSession(app: App, token: string, query: UserQuery = {}): Promise<Authentication> {
  const hash = hashRefreshToken(token);
  // Looked up before it is written, so that nobody takes the turn to write with a token that does not exist.
  if (!hash || !(await app.db.reader.refreshToken.findUnique({ where: { hash } }))) throw invalidGrant();
  const signer = await app.signingKeys.signer(app.now());
  const granted = await app.db.transaction((tx) => exchange(app, tx, hash, query));
  if (!granted) throw invalidGrant();
  return completeAuthentication(app, signer, granted);
}

/** Answers null for a refusal instead of throwing: the end of a session stays, although the call is refused. */
async function exchange(app: App, tx: Transaction, hash: string, query: UserQuery): Promise<Granted | null> {
  const now = app.now();
  const found = await tx.refreshToken.findUnique({ where: { hash }, include: { session: true } });
  if (!found || statusOf(found.session, now) !== 'active') return null;
  const { count } = await tx.refreshToken.updateMany({ where: { hash, usedAt: null }, data: { usedAt: now } });
  if (count === 0) {
    await endSession(tx, found.session, now);
    app.log.warn({ sessionId: found.sessionId }, 'a used refresh token came again: its session is revoked');
    return null;
  }
  const refreshToken = await addRefreshToken(tx, found.sessionId, now);
  const session = await tx.session.update({ where: { id: found.sessionId }, data: { updatedAt: now } });
  const user = await tx.user.findUniqueOrThrow({ where: { id: session.userId }, ...query });
  return { user, session, refreshToken };
}

function invalidGrant(): DomainError {
  return new DomainError(
    'invalid_grant',
    'The refresh token is not valid: unknown, used before, or its session has ended. Sign in again.',
  );
}
