import type { SqlQuery, SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Identity, Password, Session, User } from '../generated/sqlite/client.ts';
import { type Column, columnsOf, readRow, writeRow } from './columns.ts';
import type { Dialect } from './dialect.ts';

/** New values of one user. */
export type RowChange = { readonly id: string } & Partial<User>;

/** The sessions of a user that end: all active ones, but perhaps one. */
export interface EndedSessions {
  readonly userId: string;
  /** The id of the session to be kept, if any. */
  readonly id: string | null;
  readonly endedAt: Date;
}

/**
 * What an update reads and writes, each for many users with one statement. They go to the driver adapter directly: Prisma's
 * engine costs three times as much as all else that an update does.
 */
export interface UserRows {
  find(ids: string[]): Promise<User[]>;
  /** The users with these ids, as they are now and as they stay until the end of the transaction. */
  lock(ids: string[]): Promise<User[]>;
  /** The same, without those whom another transaction holds. */
  lockAvailable(ids: string[]): Promise<User[]>;
  passwordsOf(userIds: string[]): Promise<Password[]>;
  /** For each of these users, the oldest first. */
  identitiesOf(userIds: string[]): Promise<Map<string, Identity[]>>;
  sessions(ids: string[]): Promise<Session[]>;
  /** Writes all changes, or throws and writes none. Every change must set the same fields. */
  update(changes: RowChange[]): Promise<void>;
  /** Deletes the identities with these ids. */
  unlink(ids: string[]): Promise<void>;
  storePasswords(passwords: Password[]): Promise<void>;
  endSessions(ended: EndedSessions[]): Promise<void>;
  /** Writes the row of the readiness check, which goes the way of an update. */
  stampReadiness(checkedAt: Date): Promise<void>;
}

const users = columnsOf('User');
const identities = columnsOf('Identity');
const passwords = columnsOf('Password');
const readiness = columnsOf('Readiness');
const sessions = columnsOf('Session');
const endedSessions = sessions.filter(({ field }) => ['id', 'userId', 'endedAt'].includes(field));

/** The statements of one kind of database, whose texts are made once, so that it prepares them once. */
export function createStatements(dialect: Dialect): (queryable: SqlQueryable) => UserRows {
  const { table } = dialect;
  const select = (columns: Column[], rest: string) => `SELECT ${columns.map(({ name }) => name).join(', ')} ${rest}`;
  // In the order of their ids, so that two processes that lock the same users do not wait for each other.
  const selectInOrder = select(users, `FROM ${table('users')} WHERE id ${dialect.oneOf} ORDER BY id`);
  const lockUsers = `${selectInOrder} ${dialect.lock}`;
  const lockAvailableUsers = `${selectInOrder} ${dialect.lockAvailable}`;
  const selectUsers = select(users, `FROM ${table('users')} WHERE id ${dialect.oneOf}`);
  const selectIdentities = select(
    identities,
    `FROM ${table('identities')} WHERE user_id ${dialect.oneOf} ORDER BY user_id, id`,
  );
  const selectPasswords = select(passwords, `FROM ${table('passwords')} WHERE user_id ${dialect.oneOf}`);
  const selectSessions = select(sessions, `FROM ${table('sessions')} WHERE id ${dialect.oneOf}`);
  const unlink = `DELETE FROM ${table('identities')} WHERE id ${dialect.oneOf}`;
  const endSessions = `UPDATE ${table('sessions')} SET ended_at = row.ended_at, updated_at = row.ended_at
    FROM ${dialect.rows(endedSessions)} AS row WHERE sessions.user_id = row.user_id AND sessions.ended_at IS NULL
    AND sessions.expires_at > row.ended_at AND sessions.id IS DISTINCT FROM row.id`;
  const stampReadiness = insertOrUpdate('readiness', 'id', readiness, dialect);
  const storePasswords = insertOrUpdate('passwords', 'user_id', passwords, dialect);
  const updateUsers = createUpdateTexts(dialect);

  return (queryable) => {
    async function read<Row>(columns: Column[], sql: string, ids: string[]): Promise<Row[]> {
      const { rows } = await queryable.queryRaw(toQuery(sql, dialect.list(ids)));
      return rows.map((values) => readRow<Row>(columns, values));
    }
    async function write(columns: Column[], sql: string, rows: object[]): Promise<void> {
      await queryable.executeRaw(toQuery(sql, JSON.stringify(rows.map((row) => writeRow(columns, row)))));
    }
    return {
      find: (ids) => read(users, selectUsers, ids),
      lock: (ids) => read(users, lockUsers, ids),
      lockAvailable: (ids) => read(users, lockAvailableUsers, ids),
      identitiesOf: async (userIds) => {
        const byUser = new Map<string, Identity[]>(userIds.map((id) => [id, []]));
        for (const row of await read<Identity>(identities, selectIdentities, userIds))
          byUser.get(row.userId)?.push(row);
        return byUser;
      },
      passwordsOf: (userIds) => read(passwords, selectPasswords, userIds),
      sessions: (ids) => read(sessions, selectSessions, ids),
      update: async (changes) => {
        const [first = {}] = changes;
        const given = users.filter(({ field }) => field in first);
        await write(given, updateUsers(given), changes);
      },
      unlink: async (ids) => void (await queryable.executeRaw(toQuery(unlink, dialect.list(ids)))),
      endSessions: (ended) => write(endedSessions, endSessions, ended),
      stampReadiness: (checkedAt) => write(readiness, stampReadiness, [{ id: 1, checkedAt }]),
      storePasswords: (rows) => write(passwords, storePasswords, rows),
    };
  };
}

function toQuery(sql: string, argument: unknown): SqlQuery {
  const arity = Array.isArray(argument) ? 'list' : 'scalar';
  return { sql, args: [argument], argTypes: [{ scalarType: 'string', arity }] };
}

/** Only the columns that change are named, because naming a column makes SQLite write its indexes. */
function createUpdateTexts(dialect: Dialect): (given: Column[]) => string {
  const texts = new Map<string, string>();
  return (given) => {
    const key = given.map(({ name }) => name).join();
    const known = texts.get(key);
    if (known) return known;
    const changed = given.filter(({ field }) => field !== 'id');
    const assignments = changed.map((column) => `${column.name} = ${dialect.assign(column)}`).join(', ');
    const text = `UPDATE ${dialect.table('users')} SET ${assignments} FROM ${dialect.rows(given)} AS row WHERE users.id = row.id`;
    texts.set(key, text);
    return text;
  };
}

/** `WHERE true` keeps SQLite from reading ON CONFLICT as the condition of a join. */
function insertOrUpdate(table: string, key: string, columns: Column[], dialect: Dialect): string {
  const names = columns.map(({ name }) => name);
  const updates = names.filter((name) => name !== key).map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO ${dialect.table(table)} (${names.join(', ')}) SELECT ${names.join(', ')} FROM ${dialect.rows(columns)} AS row
    WHERE true ON CONFLICT (${key}) DO UPDATE SET ${updates.join(', ')}`;
}
