import type { User } from '../db/database.ts';
import { violatedConstraint } from '../db/errors.ts';
import { DomainError, type Issue } from '../errors.ts';

/** The refusal of an id that no user has. */
export function userNotFound(id: string): DomainError {
  return new DomainError('entity_not_found', `User not found: '${id}'.`, { entityId: id });
}

/** The refusal of an update that was made on a copy that is no longer the current one. */
export function versionMismatch(currentVersion: number): DomainError {
  return new DomainError(
    'version_mismatch',
    `The user has changed since: the current version is ${currentVersion}. Read it again and repeat the change.`,
    { currentVersion },
  );
}

/** Throws unless there is such a user, in the version that is expected, if any is. */
export function assertCurrent<T extends User>(
  user: T | null | undefined,
  id: string,
  { expectedVersion }: { readonly expectedVersion?: number | null | undefined },
): asserts user is T {
  if (!user) throw userNotFound(id);
  if (typeof expectedVersion === 'number' && user.version !== expectedVersion) throw versionMismatch(user.version);
}

/** What a client hears of each unique constraint of a user. */
const conflicts: Record<string, Issue & { code: 'email_not_available' | 'external_id_already_used'; field: string }> = {
  users_email_canonical_key: {
    field: 'email',
    code: 'email_not_available',
    message: 'This email is not available.',
  },
  users_external_id_key: {
    field: 'externalId',
    code: 'external_id_already_used',
    message: 'This external id is already used by another user.',
  },
};

/** The issue behind a violated unique constraint of a user, or null for any other error. */
export function findConflict(error: unknown) {
  return conflicts[violatedConstraint(error) ?? ''] ?? null;
}
