import type { RefreshTokenFamily, Transaction } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { DomainError } from '../errors.ts';
import { type Authentication, completeAuthentication, type Granted } from './authentication.ts';
import { statusOf } from './find.ts';
import { findPresented, type Presented, readFamily, storeNewest } from './refresh-token-families.ts';
import { deriveToken, hashToken, nextToken } from './refresh-tokens.ts';
import { endSession } from './revoke.ts';
import type { SessionsApp } from './sessions-app.ts';

/** What came of a refresh: the next tokens, or nothing; then perhaps the session has ended because of it. */
type Outcome = Granted | 'refused' | 'reused';

/**
 * Exchanges a refresh token for a new access token and the next refresh token. Each counts once: when a used one comes
 * again, somebody else has a copy, and its session ends (RFC 9700, section 4.14.2); within the grace, it gets the same next
 * token again. Throws `invalid_grant`, one and the same for an unknown token, a used one, and one whose session has ended.
 */
export async function refreshSession(app: SessionsApp, token: string, query: UserQuery = {}): Promise<Authentication> {
  // Looked up before anything is written, so that nobody takes the turn to write with a token that is of no use.
  const presented = await findRefreshable(app, token);
  if (!presented) throw invalidGrant();
  const signer = await app.signingKeys.signer(app.now());
  const outcome = await app.db.transaction((tx) => exchange(app, tx, presented, query));
  if (outcome === 'reused') {
    const { sessionId, number } = presented;
    app.log.warn({ sessionId, number }, 'a used refresh token came again: its session is revoked');
  }
  if (outcome === 'reused' || outcome === 'refused') throw invalidGrant();
  return completeAuthentication(app, signer, outcome);
}

/** What a token says, if an active session gave it out, be it used or not; else null. */
export async function findRefreshable(app: SessionsApp, token: string): Promise<Presented | null> {
  const presented = await findPresented(app.db.reader, token);
  return presented && statusOf(presented.session, app.now()) === 'active' ? presented : null;
}

/**
 * Answers an error instead of throwing it: the end of a session stays, although the call is refused. The user is locked, so
 * that of all refreshes at once each sees what the one before it did.
 */
async function exchange(app: SessionsApp, tx: Transaction, presented: Presented, query: UserQuery): Promise<Outcome> {
  const { sessionId, number, text } = presented;
  const [owner] = await tx.statements.lock([presented.session.userId]);
  const now = app.now();
  const session = await tx.prisma.session.findUnique({ where: { id: sessionId } });
  if (!owner || !session || statusOf(session, now) !== 'active') return 'refused';
  const family = await readFamily(tx, presented);
  const user = await tx.prisma.user.findUniqueOrThrow({ where: { id: session.userId }, ...query });
  if (family.hash === hashToken(text)) {
    const next = nextToken(family, text, number + 1, now);
    await storeNewest(tx, next.family, presented);
    const data = { updatedAt: now };
    return {
      user,
      session: await tx.prisma.session.update({ where: { id: sessionId }, data }),
      refreshToken: next.text,
    };
  }
  const sameNext = repeatedToken(family, presented, now, app.config.REFRESH_REUSE_GRACE_SECONDS);
  if (sameNext !== null) return { user, session, refreshToken: sameNext };
  await endSession(app, tx, 'roster', { user: owner, session });
  return 'reused';
}

/** The newest token, for the one that was exchanged for it so short a time ago; else null. */
function repeatedToken(
  family: RefreshTokenFamily,
  { number, text }: Presented,
  now: Date,
  graceSeconds: number,
): string | null {
  // Without a grace there is none, also where the clock of another process is ahead.
  if (graceSeconds === 0 || now.getTime() - family.createdAt.getTime() >= graceSeconds * 1000) return null;
  const token = deriveToken(family, text, number + 1);
  return hashToken(token) === family.hash ? token : null;
}

function invalidGrant(): DomainError {
  return new DomainError(
    'invalid_grant',
    'The refresh token is not valid: unknown, used before, or its session has ended. Sign in again.',
  );
}
