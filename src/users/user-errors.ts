import type { User } from '../db/database.ts';
import { DomainError } from '../errors.ts';

/** No id is longer than an external id can be. */
const maxShownId = 128;

/** The refusal of an id that nobody, or nothing, has. */
export function entityNotFound(kind: 'User' | 'Identity' | 'Session', id: string): DomainError {
  const entityId = id.length > maxShownId ? `${id.slice(0, maxShownId)}…` : id;
  return new DomainError('entity_not_found', `${kind} not found: '${entityId}'.`, { entityId });
}

export function userNotFound(id: string): DomainError {
  return entityNotFound('User', id);
}

/** The refusal of an update that was made on a copy that is no longer the current one. */
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
