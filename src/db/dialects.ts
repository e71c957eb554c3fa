import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { defaultSchema, providerOf } from '../config/database-url.ts';
import type { Dialect } from './dialect.ts';
import type { Access, DatabaseOptions } from './options.ts';
import { postgresqlDialect } from './postgresql/dialect.ts';
import { sqliteDialect } from './sqlite/dialect.ts';

const dialects = { sqlite: () => sqliteDialect, postgresql: postgresqlDialect };

/** The dialect of a database. */
export function dialectOf({ url, schema = defaultSchema }: Pick<DatabaseOptions, 'url' | 'schema'>): Dialect {
  return dialects[providerOf(url)](schema);
}

/** Adapters for one kind of access to a database. Its driver is loaded now, and the other database's is not. */
export function adapterFor(options: DatabaseOptions, access: Access): Promise<SqlMigrationAwareDriverAdapterFactory> {
  return dialectOf(options).loadAdapter(options, access);
}

/** The options with the schema of the tables. Throws MigrationRefused. */
export function locateSchema(options: DatabaseOptions): Promise<DatabaseOptions> {
  return dialectOf(options).locateSchema(options);
}
