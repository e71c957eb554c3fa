import { type Column, columnsOf } from './columns.ts';
import type { Sql } from './dialect.ts';
import { newMailColumns } from './mail-statements.ts';
import type { DatabaseClient } from './models.ts';
import { sessionEndTexts } from './session-ends.ts';

/** A statement, and the columns that it reads or writes. */
export interface Text {
  readonly columns: Column[];
  readonly sql: string;
}

/** What rows are added to. */
const inserted = { mailMessage: 'mail_messages', job: 'jobs' } as const;

/** The texts of the statements of our own. */
export function createTexts(dialect: Sql, client: DatabaseClient) {
  const { table } = dialect;
  const select = (columns: Column[], name: string, key: string, tail = ''): Text => {
    const names = columns.map((column) => column.name).join(', ');
    return { columns, sql: `SELECT ${names} FROM ${table(name)} WHERE ${key} ${dialect.oneOf(1)}${tail}` };
  };
  const users = columnsOf(client, 'user');
  const passwords = columnsOf(client, 'password');
  const readiness = columnsOf(client, 'readiness');

  return {
    users: select(users, 'users', 'id'),
    // In the order of their ids, so that two processes that lock the same users do not wait for each other.
    lockUsers: select(users, 'users', 'id', ` ORDER BY id ${dialect.lock}`),
    lockAvailableUsers: select(users, 'users', 'id', ` ORDER BY id ${dialect.lockAvailable}`),
    identities: select(columnsOf(client, 'identity'), 'identities', 'user_id', ' ORDER BY user_id, id'),
    passwords: select(passwords, 'passwords', 'user_id'),
    sessions: select(columnsOf(client, 'session'), 'sessions', 'id'),
    updateUsers: createUpdateTexts(dialect, users),
    inserts: (Object.keys(inserted) as (keyof typeof inserted)[]).map((model) => {
      const columns = model === 'mailMessage' ? newMailColumns(client) : columnsOf(client, model);
      return { model, columns, queriesOf: dialect.insertNew(inserted[model], columns) };
    }),
    deleteIdentities: `DELETE FROM ${table('identities')} WHERE id ${dialect.oneOf(1)}`,
    endCodes: endCodes(dialect, client),
    sessionEnds: sessionEndTexts(dialect, client),
    storePasswords: { columns: passwords, sql: insertOrUpdate('passwords', 'user_id', passwords, dialect) },
    recordAnswers: insertOnly('idempotent_requests', columnsOf(client, 'idempotentRequest'), dialect),
    stampReadiness: { columns: readiness, sql: insertOrUpdate('readiness', 'id', readiness, dialect) },
  };
}

/** The codes of these purposes, the second parameter, that the users in its rows have. */
function endCodes(dialect: Sql, client: DatabaseClient): Text {
  const columns = columnsOf(client, 'oneTimeCode').filter(({ field }) => field === 'userId' || field === 'endedAt');
  const sql = `UPDATE ${dialect.table('one_time_codes')} SET ended_at = row.ended_at, sealed = NULL FROM ${dialect.rows(columns)} AS row
    WHERE one_time_codes.user_id = row.user_id AND one_time_codes.purpose ${dialect.oneOf(2)}
    AND one_time_codes.used_at IS NULL AND one_time_codes.ended_at IS NULL`;
  return { columns, sql };
}

/** Only the columns that change are named, because naming a column makes SQLite write its indexes. */
function createUpdateTexts(dialect: Sql, columns: Column[]): (fields: readonly string[]) => Text {
  const texts = new Map<string, Text>();
  return (fields) => {
    const given = columns.filter(({ field }) => field === 'id' || fields.includes(field));
    const key = given.map(({ name }) => name).join();
    const known = texts.get(key);
    if (known) return known;
    const changed = given.filter(({ field }) => field !== 'id');
    const assignments = changed.map((column) => `${column.name} = ${dialect.assign(column)}`).join(', ');
    const sql = `UPDATE ${dialect.table('users')} SET ${assignments} FROM ${dialect.rows(given)} AS row WHERE users.id = row.id`;
    const text = { columns: given, sql };
    texts.set(key, text);
    return text;
  };
}

/** A row that is there already fails, and the transaction with it. */
function insertOnly(table: string, columns: Column[], dialect: Sql): Text {
  const names = columns.map(({ name }) => name).join(', ');
  const sql = `INSERT INTO ${dialect.table(table)} (${names}) SELECT ${names} FROM ${dialect.rows(columns)} AS row`;
  return { columns, sql };
}

/** `WHERE true` keeps SQLite from reading ON CONFLICT as the condition of a join. */
function insertOrUpdate(table: string, key: string, columns: Column[], dialect: Sql): string {
  const names = columns.map(({ name }) => name);
  const updates = names.filter((name) => name !== key).map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO ${dialect.table(table)} (${names.join(', ')}) SELECT ${names.join(', ')} FROM ${dialect.rows(columns)} AS row
    WHERE true ON CONFLICT (${key}) DO UPDATE SET ${updates.join(', ')}`;
}
