import type { Prisma, User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { lookupKey } from '../input/ids.ts';
import { readAddress } from './fields.ts';
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
  return { emailCanonical: readAddress(key.email).canonical };
}

/** The users with what the query wants besides. Identities are read directly, whatever else by Prisma. */
export async function withRelations(app: UsersApp, users: User[], query: UserQuery): Promise<User[]> {
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
