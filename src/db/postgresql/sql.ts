import type { SqlQuery } from '@prisma/driver-adapter-utils';
import type { Column } from '../columns.ts';
import type { Sql } from '../dialect.ts';
import { quoteIdentifier } from '../quote.ts';
import { postgresqlEventWriting } from './event-writing.ts';

const jsonTypes: Record<Column['type'], string> = {
  String: 'text',
  Boolean: 'boolean',
  Int: 'integer',
  BigInt: 'bigint',
  DateTime: 'timestamp(3)',
  Json: 'text',
};

/** Every table is named with its schema: what a search path finds may change from connection to connection. */
export const postgresqlSql = (schema: string): Sql => ({
  table: (name) => `${quoteIdentifier(schema)}.${name}`,
  parameter: (position) => `$${position}`,
  oneOf: (position) => `= ANY($${position})`,
  list: (values) => values,
  rows: (columns) => {
    const types = columns.map(({ name, type }) => `${name} ${jsonTypes[type]}`);
    return `(SELECT * FROM jsonb_to_recordset($1::jsonb) AS given(${types.join(', ')}))`;
  },
  lock: 'FOR UPDATE',
  lockAvailable: 'FOR UPDATE SKIP LOCKED',
  assign: ({ name, type }) => `row.${name}${type === 'Json' ? '::jsonb' : ''}`,
  insertNew(table, columns) {
    return insertion(this, table, columns, 'ON CONFLICT DO NOTHING');
  },
  insertAll(table, columns) {
    return insertion(this, table, columns);
  },
  limitWait: (maxWaitMs) => `SET LOCAL lock_timeout = ${maxWaitMs}`,
  log: null,
  commits: { select: 'SELECT pg_current_xact_id()::text', own: 1 },
  selectTime: 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::text',
  eventWriting(columns) {
    return postgresqlEventWriting(columns, this.table, ({ type }) => jsonTypes[type]);
  },
});

/** So many rows go with one statement: beyond, the texts only take memory. */
const maxRows = 1000;

function insertion(sql: Sql, table: string, columns: readonly Column[], onConflict = ''): ReturnType<Sql['insertNew']> {
  const names = columns.map(({ name }) => name).join(', ');
  const text = `INSERT INTO ${sql.table(table)} (${names}) SELECT ${columns.map(sql.assign).join(', ')}
    FROM ${sql.rows(columns)} AS row ${onConflict}`;
  return (rows) =>
    Array.from({ length: Math.ceil(rows.length / maxRows) }, (_, i): SqlQuery => {
      const given = JSON.stringify(rows.slice(i * maxRows, (i + 1) * maxRows));
      return { sql: text, args: [given], argTypes: [{ scalarType: 'string', arity: 'scalar' }] };
    });
}
