import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import { createBatcher } from './batch.ts';
import { columnsOf, readRow } from './columns.ts';
import type { Sql } from './dialect.ts';
import type { EventReads } from './event-reads.ts';
import type { DatabaseClient, Identity, User } from './models.ts';
import { createQuery, type Parameter } from './query.ts';
import { createStatements } from './statements.ts';
import { countText, countUpdatedText, listText, partsOf, type UserSearch } from './user-search.ts';

/** A user, and their identities where they were asked for, the oldest first. */
export type UserWithIdentities = User & { identities?: Identity[] };

/** How many users a list begins with, and at which end. */
interface Beginning {
  readonly direction: 'asc' | 'desc';
  readonly limit: number;
}

/** The reads that are asked thousands of times a second. Like `Statements`, they spare Prisma's engine. */
export interface UserReads {
  /** The user with this id, or null. The look-ups of one event-loop turn share a statement. */
  find(id: string, withIdentities: boolean): Promise<UserWithIdentities | null>;
  list(search: UserSearch, beginning: Beginning): Promise<User[]>;
  count(search: UserSearch): Promise<number>;
  /** How many have the version that an event of these types made, at this position or later. */
  countUpdated(types: readonly string[], from: number): Promise<number>;
  /** Those of these users who are there. */
  findAll(ids: readonly string[]): Promise<User[]>;
  /** The same users with their identities. */
  withIdentities(users: User[]): Promise<UserWithIdentities[]>;
}

/** So many look-ups share a statement at most. */
const maxBatch = 64;

/** So many users a list reads: one more than the usual sizes of a page. Other sizes read the next of these. */
const limits = [2, 6, 11, 21, 51, 101];

export function createUserReads(queryable: SqlQueryable, dialect: Sql, client: DatabaseClient): UserReads {
  const columns = columnsOf(client, 'user');
  const names = columns.map(({ name }) => name).join(', ');
  const rows = createStatements(dialect, client)(queryable);
  const query = createQuery(queryable, dialect);

  // A plan for this limit is better than one for any, and a statement for each is more than is worth preparing.
  const listOf = async <Row>(
    { direction, limit }: Beginning,
    text: (beginning: Beginning, parameter: Parameter) => string,
    read: (values: unknown[]) => Row,
  ): Promise<Row[]> => {
    const prepared = limits.find((size) => size >= limit) ?? limit;
    const rows = await query((parameter) => text({ direction, limit: prepared }, parameter));
    return rows.slice(0, limit).map(read);
  };
  const readUser = (values: unknown[]) => readRow<User>(columns, values);
  const countOf = async (text: (parameter: Parameter) => string) => Number((await query(text))[0]?.[0]);

  async function withIdentities(users: User[]): Promise<UserWithIdentities[]> {
    if (users.length === 0) return [];
    const identities = await rows.identitiesOf(users.map(({ id }) => id));
    return users.map((user) => ({ identities: identities.get(user.id) ?? [], ...user }));
  }

  const findTogether = (complete: (users: User[]) => Promise<UserWithIdentities[]>) =>
    createBatcher(async (ids: string[]) => {
      const users = await complete(await rows.find([...new Set(ids)]));
      const byId = new Map(users.map((user) => [user.id, user]));
      return ids.map((id) => byId.get(id) ?? null);
    }, maxBatch);
  const find = findTogether(async (users) => users);
  const findWithIdentities = findTogether(withIdentities);

  return {
    find: (id, full) => (full ? findWithIdentities(id) : find(id)),
    async list(search, { direction, limit }) {
      const parts = partsOf(search);
      const found: User[] = [];
      for (const part of direction === 'asc' ? parts : parts.reverse()) {
        const rest = { direction, limit: limit - found.length };
        if (rest.limit > 0)
          found.push(
            ...(await listOf(
              rest,
              (given, parameter) => listText(part, { ...given, names }, dialect.table, parameter),
              readUser,
            )),
          );
      }
      return found;
    },
    count: (search) => countOf((parameter) => countText(search, dialect.table, parameter)),
    countUpdated: (types, from) => countOf((parameter) => countUpdatedText(types, from, dialect.table, parameter)),
    findAll: (ids) => rows.find([...ids]),
    withIdentities,
  };
}

/** They read committed rows, and throw as `Database.transaction` does. They are not for writing. */
export interface Readers {
  readonly reader: DatabaseClient;
  readonly userReads: UserReads;
  readonly eventReads: EventReads;
}
