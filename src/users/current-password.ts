import type { Password, User } from '../db/database.ts';
import type { Issue } from '../errors.ts';
import { lookupKey } from '../input/ids.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import { type Actor, actingUser, callerOf, countedSessionOf } from '../principal/principal.ts';
import type { ParsedFields } from './fields.ts';
import { asAttempt, attemptToConfirm } from './password-attempt.ts';
import { wrongCurrentPassword } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

export type UserWithPassword = User & { password: Password | null };

/** The user with this id and their password, or null. */
export function findWithPassword(app: UsersApp, id: string): Promise<UserWithPassword | null> {
  return app.db.reader.user.findUnique({ where: { id: lookupKey(id) }, include: { password: true } });
}

/** Whoever holds an access token, perhaps one that was left open somewhere, must know the password to change it. */
export function findCurrentPasswordIssues({ password, currentPassword }: ParsedFields): Issue[] {
  if (password === undefined || currentPassword !== undefined) return [];
  const message = 'A new password needs the current one.';
  return [{ field: 'currentPassword', code: 'invalid_request_parameters', message }];
}

/** Before a new password of a user's own is judged: throws `rate_limited` where their session has tried too many. */
export async function assertMayTryPassword(app: UsersApp, { password }: ParsedFields, actor: Actor): Promise<void> {
  const user = actingUser(actor);
  if (password !== undefined && user) await app.newPasswordLimits.assertAllowed({ sessionId: countedSessionOf(user) });
}

/**
 * Answers the stored hash that a given current password matches; null where none is given. It is an attempt like a sign-in, for
 * whoever asks may be guessing. Throws `invalid_credentials` and `rate_limited`.
 */
export async function verifyCurrentPassword(
  app: UsersApp,
  user: UserWithPassword | null,
  currentPassword: string | undefined,
  actor: Actor,
): Promise<string | null> {
  if (currentPassword === undefined || !user) return null;
  const stored = user.password as StoredPassword | null;
  return asAttempt(app, attemptToConfirm(actor, user), async (isRight) => {
    if (!(await app.passwords.verify(currentPassword, stored, callerOf(actor))) || !stored)
      throw wrongCurrentPassword();
    await isRight();
    return stored.hash;
  });
}
