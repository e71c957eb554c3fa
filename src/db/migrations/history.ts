import { providerOf } from '../../config/database-url.ts';
import { type DatabaseOptions, defaultSchema, describe } from '../adapters.ts';
import { postgresqlDialect, sqliteDialect } from '../dialect.ts';
import type { Migration } from './files.ts';
import { MigrationRefused, readUnopened } from './refused.ts';

export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

export const historyTable = '_prisma_migrations';

/** What was applied to the database, as Prisma Migrate keeps it. Only reads; throws MigrationRefused. */
export async function readHistory(options: DatabaseOptions): Promise<AppliedMigration[]> {
  const { schema = defaultSchema } = options;
  const isFile = providerOf(options.url) === 'sqlite';
  return readUnopened(options, async (read) => {
    const tables = await (isFile
      ? read(`SELECT name FROM sqlite_master WHERE type = 'table'`)
      : read('SELECT tablename::text FROM pg_tables WHERE schemaname = $1', [schema]));
    if (tables.length === 0) return [];
    if (!tables.some(([name]) => name === historyTable)) {
      throw new MigrationRefused(
        `${describe(options)} is a database of something else: it has tables, but none of Roster's. Set DATABASE_URL to another one.`,
      );
    }
    const { table } = isFile ? sqliteDialect : postgresqlDialect(schema);
    return readApplied(read, table(historyTable));
  });
}

/** The same through any connection, where the table is known to be there. */
export async function readApplied(
  read: (sql: string) => Promise<unknown[][]>,
  table = historyTable,
): Promise<AppliedMigration[]> {
  const rows = await read(
    `SELECT migration_name, checksum, finished_at FROM ${table} WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  );
  return rows.map(([name, checksum, finishedAt]) => ({
    name: String(name),
    checksum: String(checksum),
    finished: finishedAt !== null,
  }));
}

/** Pure: what is missing, given what was applied; throws MigrationRefused where the two histories do not agree. */
export function comparePending(migrations: Migration[], history: AppliedMigration[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum, finished } of history) {
    const migration = known.get(name);
    if (!migration) {
      throw new MigrationRefused(
        `The database is newer than this Roster: it has the migration ${name}. Start the version that made it, or a later one.`,
      );
    }
    if (!finished) {
      throw new MigrationRefused(
        `The migration ${name} was interrupted. Restore the database from a backup, or finish the migration by hand and run "npx prisma migrate resolve --applied ${name}".`,
      );
    }
    if (checksum !== migration.checksum) {
      throw new MigrationRefused(
        `The migration ${name} was changed after it had been applied. Restore its file; write changes as a new migration.`,
      );
    }
  }
  const applied = new Set(history.map(({ name }) => name));
  return migrations.filter(({ name }) => !applied.has(name));
}
