import { describe } from '../../config/database-url.ts';
import type { Dialect } from '../dialect.ts';
import { reasonOf } from '../errors.ts';
import { MigrationRefused } from '../migrations/refused.ts';
import { assertMayMakeTables, assertMayUseTables, locateSchema } from './schema.ts';
import { postgresqlSql } from './sql.ts';

export const postgresqlDialect = (schema: string): Dialect => ({
  provider: 'postgresql',
  ...postgresqlSql(schema),
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
  openBulkInserts: null, // its indexes grow in another process already, and no slower at the end than at the start
  refuseUnreadable: (options, error) =>
    new MigrationRefused(`${describe(options)} cannot be used: ${reasonOf(error)}.`),
  findExposedFiles: () => [],
});
