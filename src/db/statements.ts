import type { SqlQuery, SqlQueryable } from '@prisma/driver-adapter-utils';
import { type Column, columnsOf, readRow, writeRow } from './columns.ts';
import type { Sql } from './dialect.ts';
import type { DatabaseClient, Identity, Job, MailMessage, Password, Session, User } from './models.ts';

/** New values of one user. */
export type UserRow = { readonly id: string } & Partial<User>;

/** New rows, whole ones, by the names of their models. */
export interface NewRows {
  readonly mailMessage: readonly MailMessage[];
  readonly job: readonly Job[];
}

/** The codes and tokens of one purpose that a user has and that are of no use from now on. */
export interface EndedCodes {
  readonly userId: string;
  readonly purpose: string;
  readonly endedAt: Date;
}

/**
 * What every update reads and writes, each for many users with one statement. They go to the driver's transaction directly:
 * Prisma's engine costs three times as much as all else that an update does.
 */
export interface Statements {
  find(ids: string[]): Promise<User[]>;
  /** The users with these ids, as they are now and as they stay until the end of the transaction. */
  lock(ids: string[]): Promise<User[]>;
  /** The same, without those whom another transaction holds. */
  lockAvailable(ids: string[]): Promise<User[]>;
  passwordsOf(userIds: string[]): Promise<Password[]>;
  /** For each of these users, the oldest first. */
  identitiesOf(userIds: string[]): Promise<Map<string, Identity[]>>;
  sessions(ids: string[]): Promise<Session[]>;
  /** Writes all rows, or throws, now or at the COMMIT, and writes none. Every row must set the same fields. */
  update(rows: UserRow[]): Promise<void>;
  /** Adds rows, but for those that a unique key says are there already. */
  insert(rows: NewRows): Promise<void>;
  /** Ends codes that are neither used nor ended, and erases what is sealed of them. */
  endCodes(ended: readonly EndedCodes[]): Promise<void>;
  /** The moment that decides what has expired: the database's own where several processes share it, and else the given one. */
  decidingTime(processTime: Date): Promise<Date>;
  /** Writes the row of the readiness check, which goes the way of an update. */
  stampReadiness(checkedAt: Date): Promise<void>;
}

/** The statements of one kind of database, whose texts are made once, so that it prepares them once. */
export function createStatements(dialect: Sql, client: DatabaseClient): (queryable: SqlQueryable) => Statements {
  const { table } = dialect;
  const users = columnsOf(client, 'user');
  const identities = columnsOf(client, 'identity');
  const passwords = columnsOf(client, 'password');
  const sessions = columnsOf(client, 'session');
  const codes = columnsOf(client, 'oneTimeCode').filter(({ field }) =>
    ['userId', 'purpose', 'endedAt'].includes(field),
  );
  const readiness = columnsOf(client, 'readiness');
  const select = (columns: Column[], name: string, key: string) =>
    `SELECT ${columns.map((column) => column.name).join(', ')} FROM ${table(name)} WHERE ${key} ${dialect.oneOf}`;
  const selectUsers = select(users, 'users', 'id');
  // In the order of their ids, so that two processes that lock the same users do not wait for each other.
  const lockUsers = `${selectUsers} ORDER BY id ${dialect.lock}`;
  const lockAvailableUsers = `${selectUsers} ORDER BY id ${dialect.lockAvailable}`;
  const selectIdentities = `${select(identities, 'identities', 'user_id')} ORDER BY user_id, id`;
  const selectPasswords = select(passwords, 'passwords', 'user_id');
  const selectSessions = select(sessions, 'sessions', 'id');
  const stampReadiness = insertOrUpdate('readiness', 'id', readiness, dialect);
  const endCodes = `UPDATE ${table('one_time_codes')} SET ended_at = row.ended_at, sealed = NULL FROM ${dialect.rows(codes)} AS row
    WHERE one_time_codes.user_id = row.user_id AND one_time_codes.purpose = row.purpose
    AND one_time_codes.used_at IS NULL AND one_time_codes.ended_at IS NULL`;
  const updateUsers = createUpdateTexts(dialect);
  const inserted = (
    [
      ['mailMessage', 'mail_messages'],
      ['job', 'jobs'],
    ] as const
  ).map(([model, name]) => {
    const columns = columnsOf(client, model);
    return { model, columns, sql: insertNew(name, columns, dialect) };
  });

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
      update: async (rows) => {
        const [first = {}] = rows;
        const given = users.filter(({ field }) => field in first);
        await write(given, updateUsers(given), rows);
      },
      insert: async (rows) => {
        for (const { model, columns, sql } of inserted)
          if (rows[model].length > 0) await write(columns, sql, [...rows[model]]);
      },
      endCodes: async (ended) => {
        if (ended.length > 0) await write(codes, endCodes, [...ended]);
      },
      decidingTime: async (processTime) => {
        if (dialect.selectTime === null) return processTime;
        const { rows } = await queryable.queryRaw({ sql: dialect.selectTime, args: [], argTypes: [] });
        return new Date(Number(rows[0]?.[0]));
      },
      stampReadiness: (checkedAt) => write(readiness, stampReadiness, [{ id: 1, checkedAt }]),
    };
  };
}

function toQuery(sql: string, argument: unknown): SqlQuery {
  const arity = Array.isArray(argument) ? 'list' : 'scalar';
  return { sql, args: [argument], argTypes: [{ scalarType: 'string', arity }] };
}

/** Only the columns that change are named, because naming a column makes SQLite write its indexes. */
function createUpdateTexts(dialect: Sql): (given: Column[]) => string {
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

function insertNew(table: string, columns: Column[], dialect: Sql): string {
  const names = columns.map(({ name }) => name);
  return `INSERT INTO ${dialect.table(table)} (${names.join(', ')}) SELECT ${columns.map(dialect.assign).join(', ')}
    FROM ${dialect.rows(columns)} AS row WHERE true ON CONFLICT DO NOTHING`;
}

/** `WHERE true` keeps SQLite from reading ON CONFLICT as the condition of a join. */
function insertOrUpdate(table: string, key: string, columns: Column[], dialect: Sql): string {
  const names = columns.map(({ name }) => name);
  const updates = names.filter((name) => name !== key).map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO ${dialect.table(table)} (${names.join(', ')}) SELECT ${names.join(', ')} FROM ${dialect.rows(columns)} AS row
    WHERE true ON CONFLICT (${key}) DO UPDATE SET ${updates.join(', ')}`;
}
