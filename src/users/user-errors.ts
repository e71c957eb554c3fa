import type { User } from '../db/database.ts';
import { DomainError, entityNotFound } from '../errors.ts';

export function userNotFound(id: string): DomainError {
  return entityNotFound('User', id);
}

/** The error of an update that was made on a copy that is no longer the current one. */
export function versionMismatch(currentVersion: number): DomainError {
  return new DomainError(
    'version_mismatch',
    `The user has changed since: the current version is ${currentVersion}. Read it again and repeat the change.`,
    { currentVersion },
  );
}

/** Which state of the user was meant; any, where nothing is expected. */
export interface Expectation {
  readonly expectedVersion?: number | null | undefined;
}

/** Throws unless there is such a user, in the version that is expected, if any is. */
export function assertCurrent<T extends User>(
  user: T | null | undefined,
  id: string,
  { expectedVersion }: Expectation,
): asserts user is T {
  if (!user) throw userNotFound(id);
  if (typeof expectedVersion === 'number' && user.version !== expectedVersion) throw versionMismatch(user.version);
}

/** The refusal of a current password; also of one that was right, until somebody else changed the password meanwhile. */
export function wrongCurrentPassword(): DomainError {
  return new DomainError('invalid_credentials', 'The current password is not right.', { field: 'currentPassword' });
}

/** The refusal of another address where an identity provider says which one it is. */
export function emailManaged(field: string): DomainError {
  const message = 'An identity provider manages this user; the email can only be changed there.';
  return new DomainError('email_change_not_allowed', message, { field });
}
