import type { Column } from '../columns.ts';
import type { Sql } from '../dialect.ts';
import { pagesOfLargeLog, pagesOfLog } from './connection.ts';
import { sqliteEventWriting } from './event-writing.ts';
import { createRowWriting } from './row-values.ts';

function insertNew(table: string, columns: readonly Column[]) {
  const names = columns.map(({ name }) => name);
  return createRowWriting(names, (rows) => `INSERT INTO ${table} (${names.join(', ')}) ${rows} ON CONFLICT DO NOTHING`);
}

/** The statement that inserts one row. */
export function insertOne(table: string, columns: readonly Column[]): string {
  const names = columns.map(({ name }) => name);
  return `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
}

/** A statement for each row: of thousands, SQLite takes a quarter longer for rows that are a query. */
function insertAll(table: string, columns: readonly Column[]): ReturnType<Sql['insertAll']> {
  const names = columns.map(({ name }) => name);
  const sql = insertOne(table, columns);
  return (rows) => rows.map((row) => ({ sql, args: names.map((name) => row[name]), argTypes: [] }));
}

export const sqliteSql: Sql = {
  table: (name) => name,
  parameter: () => '?',
  oneOf: () => 'IN (SELECT value FROM json_each(?))',
  list: (values) => JSON.stringify(values),
  rows: (columns) => {
    const values = columns.map(({ name }) => `value ->> '${name}' AS ${name}`);
    return `(SELECT ${values.join(', ')} FROM json_each(?))`;
  },
  lock: '', // there is one writer at a time, so what it reads stays as it is
  lockAvailable: '',
  assign: ({ name }) => `row.${name}`,
  insertNew,
  insertAll,
  limitWait: () => null,
  log: {
    large: `PRAGMA wal_autocheckpoint = ${pagesOfLargeLog}`,
    usual: `PRAGMA wal_autocheckpoint = ${pagesOfLog}`,
  },
  commits: { select: 'PRAGMA data_version', own: 0 },
  selectTime: null,
  eventWriting: sqliteEventWriting,
};
