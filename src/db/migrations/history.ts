import type { SqlQuery } from '@prisma/driver-adapter-utils';
import { describe } from '../../config/database-url.ts';
import type { DatabaseOptions } from '../options.ts';
import type { Migration } from './files.ts';
import { type Opening, readUnopened } from './read.ts';
import { MigrationRefused } from './refused.ts';

export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

export const historyTable = '_prisma_migrations';

/** Where the history of a database stands. */
export interface HistoryPlace extends Opening {
  /** Asks for the names of all tables. */
  readonly listTables: SqlQuery;
  /** How a table is named in a statement. */
  table(name: string): string;
}

/** What was applied to the database, as Prisma Migrate keeps it. Only reads; throws MigrationRefused. */
export function readHistory(place: HistoryPlace, options: DatabaseOptions): Promise<AppliedMigration[]> {
  const { listTables, table } = place;
  return readUnopened(place, options, async (read) => {
    const tables = await read(listTables.sql, listTables.args as string[]);
    if (tables.length === 0) return [];
    if (!tables.some(([name]) => name === historyTable)) {
      throw new MigrationRefused(
        `${describe(options)} is a database of something else: it has tables, but none of Roster's. Set DATABASE_URL to another one.`,
      );
    }
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
