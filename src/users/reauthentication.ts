import type { Transaction } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import { type Actor, actingUser } from '../principal/principal.ts';
import { invalidToken } from '../principal/unauthorized.ts';
import { statusOf } from '../sessions/find.ts';
import { type UserWithPassword, verifyCurrentPassword } from './current-password.ts';
import { wrongCurrentPassword } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

const recentMs = 600_000;

/**
 * Whoever holds an access token, perhaps one that was left open somewhere, proves once more who they are: by the current password
 * or, where there is none, by having signed in at most ten minutes ago. Answers the stored hash that the password matched.
 * Throws `invalid_credentials`, `rate_limited` and `insufficient_user_authentication`.
 */
export async function reauthenticate(
  app: UsersApp,
  actor: Actor,
  user: UserWithPassword,
  currentPassword: string | undefined,
): Promise<string | null> {
  const self = actingUser(actor);
  if (self && user.password && currentPassword === undefined) throw currentPasswordMissing();
  if (self && !user.password && currentPassword === undefined) await assertRecentSignIn(app, self.sessionId);
  return verifyCurrentPassword(app, user, currentPassword, actor);
}

/** Another issuer's tokens do not say when their holder signed in. */
async function assertRecentSignIn({ db, now }: UsersApp, sessionId: string | null): Promise<void> {
  const session = sessionId === null ? null : await db.reader.session.findUnique({ where: { id: sessionId } });
  if (session && now().getTime() - session.createdAt.getTime() <= recentMs) return;
  throw new DomainError(
    'insufficient_user_authentication',
    'The sign-in is more than ten minutes old. Sign in again, and repeat this.',
  );
}

/**
 * Within a transaction that has locked the user: throws where a signed-in user's session has ended since they called, or the
 * password is no longer the one that was right.
 */
export async function assertStillAuthenticated(
  app: UsersApp,
  { prisma }: Transaction,
  actor: Actor,
  userId: string,
  verifiedHash: string | null,
): Promise<void> {
  await assertSessionActive(app, { prisma }, actor);
  const password = await prisma.password.findUnique({ where: { userId } });
  const isNew = actingUser(actor) && password && verifiedHash === null;
  if (isNew || (verifiedHash !== null && password?.hash !== verifiedHash)) throw wrongCurrentPassword();
}

/** Within a transaction: throws where the session of a signed-in user has ended, though their access token goes on for minutes. */
export async function assertSessionActive(
  { now }: UsersApp,
  { prisma }: Pick<Transaction, 'prisma'>,
  actor: Actor,
): Promise<void> {
  const id = actingUser(actor)?.sessionId ?? null;
  if (id === null) return;
  const session = await prisma.session.findUnique({ where: { id } });
  if (!session || statusOf(session, now()) !== 'active') throw invalidToken();
}

function currentPasswordMissing(): DomainError {
  const message = 'This takes the current password.';
  return new DomainError('invalid_request_parameters', message, { field: 'currentPassword' });
}
