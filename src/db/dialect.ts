import type { Column } from './columns.ts';

/** Where the SQL of the two databases differs. */
export interface Dialect {
  /** How a table is named in a statement. */
  table(name: string): string;
  /** How the parameters are written, counted from 1. */
  parameter(position: number): string;
  /** `id ${oneOf}`: the condition that it is in the list that is the only parameter. */
  readonly oneOf: string;
  /** The list as a parameter. */
  list(values: string[]): unknown;
  /** Rows with these columns, given as JSON in the only parameter, to be named `row` and read from. */
  rows(columns: Column[]): string;
  /** What keeps the rows of a SELECT from others until the end of the transaction, after waiting for whoever has them. */
  readonly lock: string;
  /** The same without the rows that others have. */
  readonly lockAvailable: string;
  /** How a column is given a value from `row`. */
  assign(column: Column): string;
  /** Asks for the present moment, in milliseconds since 1970; null where the process knows as well as the database. */
  readonly selectTime: string | null;
}

/** SQLite has one writer at a time, so what it reads stays as it is without a lock. */
export const sqliteDialect: Dialect = {
  table: (name) => name,
  parameter: () => '?',
  oneOf: 'IN (SELECT value FROM json_each(?))',
  list: (values) => JSON.stringify(values),
  rows: (columns) => {
    const values = columns.map(({ name }) => `value ->> '${name}' AS ${name}`);
    return `(SELECT ${values.join(', ')} FROM json_each(?))`;
  },
  lock: '',
  lockAvailable: '',
  assign: ({ name }) => `row.${name}`,
  selectTime: null,
};

const jsonTypes: Record<Column['type'], string> = {
  String: 'text',
  Boolean: 'boolean',
  Int: 'integer',
  DateTime: 'timestamp(3)',
  Json: 'text',
};

/** Every table is named with its schema: what a search path finds may change from connection to connection. */
export const postgresqlDialect = (schema: string): Dialect => ({
  table: (name) => `${quoteIdentifier(schema)}.${name}`,
  parameter: (position) => `$${position}`,
  oneOf: '= ANY($1)',
  list: (values) => values,
  rows: (columns) => {
    const types = columns.map(({ name, type }) => `${name} ${jsonTypes[type]}`);
    return `(SELECT * FROM jsonb_to_recordset($1::jsonb) AS given(${types.join(', ')}))`;
  },
  lock: 'FOR UPDATE',
  lockAvailable: 'FOR UPDATE SKIP LOCKED',
  assign: ({ name, type }) => `row.${name}${type === 'Json' ? '::jsonb' : ''}`,
  selectTime: 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::text',
});

/** A name as SQL takes it literally. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
