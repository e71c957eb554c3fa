import type { User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../input/ids.ts';
import { parseInput, requireFields } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import type { Actor } from '../principal/principal.ts';
import { assertMayCreate } from './access.ts';
import { findConflicts, isConflict } from './conflicts.ts';
import { findCredentialIssues, preparePassword } from './credentials.ts';
import type { EmailAddress } from './email.ts';
import { type ParsedFields, plainNames, userFields } from './fields.ts';
import { mergeMetadata } from './metadata.ts';
import type { UsersApp } from './users-app.ts';

/** Creates a user with the rules of `updateUser`. A taken address or external id is a `user_creation_error`. */
export async function createUser(app: UsersApp, actor: Actor, input: unknown, query: UserQuery = {}): Promise<User> {
  assertMayCreate(app.config, actor, input);
  const { fields, issues } = parseInput(userFields, withoutEmptyNulls(input));
  requireFields(['email'], fields, issues);
  issues.push(...(await findCredentialIssues(app, fields, {})));
  assertNoIssues(issues);
  const password = await preparePassword(app, fields, actor);
  const { id, createdAt } = newId('user', app.now());
  const data = {
    id,
    ...newUserData(fields),
    createdAt,
    updatedAt: createdAt,
    ...(password && { password: { create: { ...password, changedAt: createdAt } } }),
  };

  try {
    return await app.db.transaction(async (tx) => {
      const user = await tx.prisma.user.create({ data, ...query });
      await app.events.record(tx, actor, [{ type: 'user.created', user }]);
      return user;
    });
  } catch (error) {
    if (!isConflict(error)) throw error;
    const issues = await findConflicts(app.db, error, { id, ...fields });
    throw new DomainError('user_creation_error', 'Could not create user.', { issues });
  }
}

/** A new user has nothing to clear, so null means "none", as WorkOS types these two on create. */
function withoutEmptyNulls(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const none = ['emailVerified', 'password'];
  return Object.fromEntries(Object.entries(input).filter(([field, value]) => value !== null || !none.includes(field)));
}

/** The columns of a new user that its input decides. */
export function newUserData(fields: ParsedFields) {
  const { address, canonical } = fields.email as EmailAddress;
  const plain = {} as Record<(typeof plainNames)[number], string | null>;
  for (const name of plainNames) plain[name] = fields[name] ?? null;
  // Spread into another object they would take an import six times as long: a fifth of all that it does for a user.
  return Object.assign(plain, {
    email: address,
    emailCanonical: canonical,
    emailVerified: fields.emailVerified ?? false,
    metadata: fields.metadata ? mergeMetadata({}, fields.metadata) : {},
  });
}
