import type { App } from '../app.ts';
import type { Prisma, User } from '../db/database.ts';
import { parseAddress } from './fields.ts';
import { firstUserIdAt, lookupKey } from './ids.ts';
import { parseInput, required } from './input.ts';
import { cutPage, type KeysetPage, keysetOf } from './keyset.ts';
import { assertNoIssues } from './malformed.ts';
import type { UserQuery } from './update.ts';

export type UserKey = { id: string } | { email: string } | { externalId: string };

/** The user with this id, address or external id, or null. Throws `invalid_email` for what is no address. */
export async function findUser(app: App, key: UserKey, query: UserQuery = {}): Promise<User | null> {
  return app.db.reader.user.findUnique({ ...query, where: uniqueKey(key) });
}

function uniqueKey(key: UserKey) {
  if ('id' in key) return { id: lookupKey(key.id) };
  if ('externalId' in key) return { externalId: lookupKey(key.externalId) };
  return { emailCanonical: canonicalEmail(key.email) };
}

function canonicalEmail(typed: string): string {
  const { fields, issues } = parseInput({ email: required(parseAddress) }, { email: typed });
  assertNoIssues(issues);
  return fields.email?.canonical ?? '';
}

export interface UserFilter {
  readonly email?: string | null | undefined;
  readonly emailVerified?: boolean | null | undefined;
  /** Created at this moment or later. */
  readonly createdFrom?: Date | null | undefined;
  /** Created before this moment. */
  readonly createdBefore?: Date | null | undefined;
}

/** The filter as Prisma's words. Ids sort by creation, so the times become bounds of the id: one index serves both. */
export function filterUsers(filter: UserFilter): Prisma.UserWhereInput {
  return {
    AND: [
      typeof filter.email === 'string' ? { emailCanonical: canonicalEmail(filter.email) } : {},
      typeof filter.emailVerified === 'boolean' ? { emailVerified: filter.emailVerified } : {},
      filter.createdFrom ? { id: { gte: firstUserIdAt(filter.createdFrom) } } : {},
      filter.createdBefore ? { id: { lt: firstUserIdAt(filter.createdBefore) } } : {},
    ],
  };
}

export interface UserPage extends KeysetPage {
  readonly filter: UserFilter;
}

/** One page by keyset, in the order of creation, and whether the range goes on beyond it. */
export async function listUsers(
  app: App,
  page: UserPage,
  query: UserQuery = {},
): Promise<{ users: User[]; hasMore: boolean }> {
  const { where, ...order } = keysetOf(page);
  const found = await app.db.reader.user.findMany({
    ...query,
    where: { AND: [filterUsers(page.filter), ...where] },
    ...order,
  });
  const { rows: users, hasMore } = cutPage(found, page);
  return { users, hasMore };
}
