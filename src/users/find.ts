import type { Prisma, User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import type { UserCondition } from '../db/user-reads.ts';
import { firstIdAt, lookupKey } from '../input/ids.ts';
import { parseInput, required } from '../input/input-rules.ts';
import { boundsOf, cutPage, type KeysetPage } from '../input/keyset.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import { parseAddress } from './fields.ts';
import type { UsersApp } from './users-app.ts';

export type UserKey = { id: string } | { email: string } | { externalId: string };

/** The user with this canonical address, or null; within a transaction, through its client. */
export function findByAddress(
  { user }: Pick<Prisma.TransactionClient, 'user'>,
  emailCanonical: string,
): Promise<User | null> {
  return user.findUnique({ where: { emailCanonical } });
}

/** Whose these canonical addresses and external ids are, by the id of the user. */
export async function findOwners(
  { user }: Pick<Prisma.TransactionClient, 'user'>,
  addresses: readonly string[],
  externalIds: readonly string[],
): Promise<{ byAddress: Map<string | null, string>; byExternalId: Map<string | null, string> }> {
  const where = { OR: [{ emailCanonical: { in: [...addresses] } }, { externalId: { in: [...externalIds] } }] };
  const select = { id: true, emailCanonical: true, externalId: true };
  const found = addresses.length + externalIds.length > 0 ? await user.findMany({ where, select }) : [];
  return {
    byAddress: new Map<string | null, string>(found.map(({ id, emailCanonical }) => [emailCanonical, id])),
    byExternalId: new Map(found.map(({ id, externalId }) => [externalId, id])),
  };
}

/** The user with this id, address or external id, or null. Throws `invalid_email` for what is no address. */
export async function findUser(app: UsersApp, key: UserKey, query: UserQuery = {}): Promise<User | null> {
  const relations = relationsOf(query);
  if ('id' in key && relations !== 'others')
    return app.db.userReads.find(lookupKey(key.id), relations === 'identities');
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

/** Ids sort by creation, so the times become bounds of the id: one index serves both. */
function conditionsOf(filter: UserFilter): UserCondition[] {
  const { email, emailVerified, createdFrom, createdBefore } = filter;
  const conditions: UserCondition[] = [];
  if (typeof email === 'string') conditions.push(['email_canonical', '=', canonicalEmail(email)]);
  if (typeof emailVerified === 'boolean') conditions.push(['email_verified', '=', emailVerified]);
  if (createdFrom) conditions.push(['id', '>=', firstIdAt('user', createdFrom)]);
  if (createdBefore) conditions.push(['id', '<', firstIdAt('user', createdBefore)]);
  return conditions;
}

/** How many users match. On a large store it takes long. */
export function countUsers(app: UsersApp, filter: UserFilter): Promise<number> {
  return app.db.userReads.count(conditionsOf(filter));
}

export interface UserPage extends KeysetPage {
  readonly filter: UserFilter;
}

/** One page by keyset, in the order of creation, and whether the range goes on beyond it. */
export async function listUsers(
  app: UsersApp,
  page: UserPage,
  query: UserQuery = {},
): Promise<{ users: User[]; hasMore: boolean }> {
  const { after, before, order } = boundsOf(page);
  const conditions = conditionsOf(page.filter);
  if (after !== undefined) conditions.push(['id', '>', after]);
  if (before !== undefined) conditions.push(['id', '<', before]);
  const found = await app.db.userReads.list(conditions, order, page.limit + 1);
  const { rows, hasMore } = cutPage(found, page);
  return { users: await withRelations(app, rows, query), hasMore };
}

/** The users with what the query wants besides. Identities are read directly, whatever else by Prisma. */
async function withRelations(app: UsersApp, users: User[], query: UserQuery): Promise<User[]> {
  switch (relationsOf(query)) {
    case 'none':
      return users;
    case 'identities':
      return app.db.userReads.withIdentities(users);
  }
  const complete = await app.db.reader.user.findMany({ ...query, where: { id: { in: users.map(({ id }) => id) } } });
  const byId = new Map(complete.map((user) => [user.id, user]));
  return users.flatMap(({ id }) => byId.get(id) ?? []); // one that was deleted meanwhile is gone
}

function relationsOf({ select, include }: UserQuery): 'none' | 'identities' | 'others' {
  const relations = Object.keys(include ?? {});
  if (select || relations.length > 1) return 'others';
  if (relations.length === 0) return 'none';
  return relations[0] === 'identities' ? 'identities' : 'others';
}
