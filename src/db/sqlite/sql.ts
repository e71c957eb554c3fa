import type { Column } from '../columns.ts';
import type { Sql } from '../dialect.ts';
import { sqliteEventWriting } from './event-writing.ts';
import { createRowWriting } from './row-values.ts';

function insertion(table: string, columns: readonly Column[], onConflict = '') {
  const names = columns.map(({ name }) => name);
  const into = `INSERT INTO ${table} (${names.join(', ')})`;
  return createRowWriting(names, (rows) => `${into} ${rows}${onConflict}`);
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
  insertNew: (table, columns) => insertion(table, columns, ' ON CONFLICT DO NOTHING'),
  insertAll: (table, columns) => insertion(table, columns),
  limitWait: () => null,
  selectTime: null,
  eventWriting: sqliteEventWriting,
};
