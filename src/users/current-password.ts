import type { App } from '../app.ts';
import { callerId, type Principal } from '../auth/principal.ts';
import type { Password, User } from '../db/database.ts';
import { DomainError, type Issue } from '../errors.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import type { ParsedFields } from './fields.ts';
import { lookupKey } from './ids.ts';
import { asAttempt } from './password-attempt.ts';

export type UserWithPassword = User & { password: Password | null };

/** The user with this id and their password, or null. */
export function findWithPassword(app: App, id: string): Promise<UserWithPassword | null> {
  return app.db.reader.user.findUnique({ where: { id: lookupKey(id) }, include: { password: true } });
}

/** Whoever holds an access token, perhaps one that was left open somewhere, must know the password to change it. */
export function findCurrentPasswordIssues({ password, currentPassword }: ParsedFields): Issue[] {
  if (password === undefined || currentPassword !== undefined) return [];
  const message = 'A new password needs the current one.';
  return [{ field: 'currentPassword', code: 'invalid_request_parameters', message }];
}

/**
 * Runs what judges a new password, and the current one, as an attempt like a sign-in, where whoever asks may be guessing:
 * so nobody makes Roster think about more passwords than that. Throws `rate_limited`.
 */
export function asPasswordAttempt<T>(
  app: App,
  user: UserWithPassword | null,
  { currentPassword }: ParsedFields,
  principal: Principal | undefined,
  check: () => Promise<T>,
): Promise<T> {
  if (!user || (currentPassword === undefined && principal?.kind !== 'user')) return check();
  return asAttempt(app, user.emailCanonical, callerOf(user, principal), check);
}

/**
 * Within such an attempt: answers the stored hash that a given current password matches; null where none is given. Throws
 * `invalid_credentials`.
 */
export async function verifyCurrentPassword(
  app: App,
  user: UserWithPassword | null,
  currentPassword: string | undefined,
  principal: Principal | undefined,
): Promise<string | null> {
  if (currentPassword === undefined || !user) return null;
  const stored = user.password as StoredPassword | null;
  if (!(await app.passwords.verify(currentPassword, stored)) || !stored) throw wrongCurrentPassword();
  await app.signInLimits.clear(user.emailCanonical, callerOf(user, principal));
  return stored.hash;
}

function callerOf(user: User, principal: Principal | undefined): string {
  return principal ? callerId(principal) : user.id;
}

/** Also for one that was right, until somebody else changed the password meanwhile. */
export function wrongCurrentPassword(): DomainError {
  return new DomainError('invalid_credentials', 'The current password is not right.', { field: 'currentPassword' });
}
