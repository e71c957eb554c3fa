import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import { createBatcher } from './batch.ts';
import { columnsOf, readRow } from './columns.ts';
import type { Sql } from './dialect.ts';
import type { EventReads } from './event-reads.ts';
import type { DatabaseClient, Identity, User } from './models.ts';
import { createStatements } from './statements.ts';

/** A user, and their identities where they were asked for, the oldest first. */
export type UserWithIdentities = User & { identities?: Identity[] };

/** What a list of users is limited to; all conditions must hold. */
export type UserCondition =
  | readonly [column: 'id', operator: '>' | '>=' | '<', value: string]
  | readonly [column: 'email_canonical', operator: '=', value: string]
  | readonly [column: 'email_verified', operator: '=', value: boolean];

/** The reads that are asked thousands of times a second. Like `Statements`, they spare Prisma's engine. */
export interface UserReads {
  /** The user with this id, or null. The look-ups of one event-loop turn share a statement. */
  find(id: string, withIdentities: boolean): Promise<UserWithIdentities | null>;
  /** The first users, in the order of their ids. */
  list(conditions: UserCondition[], order: 'asc' | 'desc', limit: number): Promise<User[]>;
  count(conditions: UserCondition[]): Promise<number>;
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
  const users = dialect.table('users');

  const query = createQuery(queryable, dialect);

  async function withIdentities(users: User[]): Promise<UserWithIdentities[]> {
    if (users.length === 0) return [];
    const identities = await rows.identitiesOf(users.map(({ id }) => id));
    return users.map((user) => ({ ...user, identities: identities.get(user.id) ?? [] }));
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
    async list(conditions, order, limit) {
      // A plan for this limit is better than one for any, and a statement for each is more than is worth preparing.
      const read = limits.find((size) => size >= limit) ?? limit;
      const found = await query(`SELECT ${names} FROM ${users}`, conditions, `ORDER BY id ${order} LIMIT ${read}`);
      return found.slice(0, limit).map((values) => readRow<User>(columns, values));
    },
    async count(conditions) {
      const [row] = await query(`SELECT count(*) FROM ${users}`, conditions, '');
      return Number(row?.[0]);
    },
    withIdentities,
  };
}

/** Statements with conditions, whose values are parameters. */
function createQuery(queryable: SqlQueryable, dialect: Sql) {
  return async (head: string, conditions: UserCondition[], tail: string): Promise<unknown[][]> => {
    const texts = conditions.map(([column, operator], i) => `${column} ${operator} ${dialect.parameter(i + 1)}`);
    const args = conditions.map(([, , value]) => value);
    const argTypes = args.map((arg) => ({ scalarType: typeof arg as 'string' | 'boolean', arity: 'scalar' as const }));
    const where = texts.length > 0 ? `WHERE ${texts.join(' AND ')}` : '';
    return (await queryable.queryRaw({ sql: `${head} ${where} ${tail}`, args, argTypes })).rows;
  };
}

/** They read committed rows, and throw as `Database.transaction` does. They are not for writing. */
export interface Readers {
  readonly reader: DatabaseClient;
  readonly userReads: UserReads;
  readonly eventReads: EventReads;
}
