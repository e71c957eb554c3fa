import { describe } from '../../config/database-url.ts';
import type { Column } from '../columns.ts';
import type { Dialect } from '../dialect.ts';
import { reasonOf } from '../errors.ts';
import { MigrationRefused } from '../migrations/refused.ts';
import { quoteIdentifier } from '../quote.ts';
import { assertMayMakeTables, assertMayUseTables, locateSchema } from './schema.ts';

const jsonTypes: Record<Column['type'], string> = {
  String: 'text',
  Boolean: 'boolean',
  Int: 'integer',
  DateTime: 'timestamp(3)',
  Json: 'text',
};

/** Every table is named with its schema: what a search path finds may change from connection to connection. */
export const postgresqlDialect = (schema: string): Dialect => ({
  provider: 'postgresql',
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

  isShared: true,
  readsApart: false,
  loadDriver: async () => (await import('./client.ts')).driver,
  async loadAdapter({ url, pool }, access) {
    const { postgresqlAdapter, postgresqlMigrator } = await import('./adapter.ts');
    return access === 'migrate' ? postgresqlMigrator(url, schema) : postgresqlAdapter(url, schema, pool);
  },

  locateSchema(options) {
    return locateSchema(this, options);
  },
  listTables: {
    sql: 'SELECT tablename::text FROM pg_tables WHERE schemaname = $1',
    args: [schema],
    argTypes: [{ scalarType: 'string', arity: 'scalar' }],
  },
  assertUsable: () => {},
  assertMayMigrate(options) {
    return assertMayMakeTables(this, options);
  },
  assertMayUseTables(options) {
    return assertMayUseTables(this, options);
  },
  async openForMigrations(options) {
    const { openForMigrations } = await import('./migrations.ts');
    return openForMigrations(options).catch((error) => {
      throw this.refuseUnreadable(options, error);
    });
  },
  refuseUnreadable: (options, error) =>
    new MigrationRefused(`${describe(options)} cannot be used: ${reasonOf(error)}.`),
  findExposedFiles: () => [],
});
