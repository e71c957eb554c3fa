import type { App } from '../app.ts';
import type { Prisma, User } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import { decideChanges } from './changes.ts';
import { findCredentialIssues, preparePassword } from './credentials.ts';
import { userFields } from './fields.ts';
import { lookupKey } from './ids.ts';
import { parseInput } from './input.ts';
import { assertNoIssues } from './malformed.ts';
import { findConflict, userNotFound, versionMismatch } from './refusals.ts';

/** What the caller wants back, in Prisma's words. */
export type UserQuery = Pick<Prisma.UserDefaultArgs, 'select' | 'include'>;

export interface UpdateOptions {
  /** Refuses the update when the stored version is another one. */
  readonly expectedVersion?: number | null | undefined;
  readonly query?: UserQuery;
}

/**
 * Updates a user: omitted fields stay, null clears, and everything happens in one transaction or not at all.
 * Promises and codes are WorkOS's "Update a user"; every refusal is a DomainError and leaves nothing behind.
 */
export async function updateUser(app: App, id: string, input: unknown, options: UpdateOptions = {}): Promise<User> {
  const { fields, issues } = parseInput(userFields, input);
  const known =
    fields.password === undefined ? null : await app.db.reader.user.findUnique({ where: { id: lookupKey(id) } });
  issues.push(...(await findCredentialIssues(app, fields, known ?? {})));
  assertNoIssues(issues);
  if (fields.password !== undefined) assertCurrent(known, id, options);
  const password = await preparePassword(app, fields);

  try {
    return await app.db.transaction(async (tx) => {
      await app.db.lockUser(tx, lookupKey(id));
      const user = await tx.user.findUnique({
        where: { id: lookupKey(id) },
        include: { password: password !== undefined },
      });
      assertCurrent(user, id, options);
      const changes = decideChanges(user, fields, password, app.now());
      if (!changes) return tx.user.findUniqueOrThrow({ where: { id }, ...options.query });
      return tx.user.update({ where: { id }, data: changes, ...options.query });
    });
  } catch (error) {
    const conflict = findConflict(error);
    throw conflict ? new DomainError(conflict.code, conflict.message, { field: conflict.field }) : error;
  }
}

function assertCurrent<T extends User>(
  user: T | null,
  id: string,
  { expectedVersion }: UpdateOptions,
): asserts user is T {
  if (!user) throw userNotFound(id);
  if (typeof expectedVersion === 'number' && user.version !== expectedVersion) throw versionMismatch(user.version);
}
