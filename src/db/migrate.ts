import { existsSync } from 'node:fs';
import { DriverAdapterError, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { adapterFor, type DatabaseOptions, sqlitePath } from './adapters.ts';
import { type Migration, readMigrations } from './migration-files.ts';
import { applyMigrations } from './schema-engine.ts';

/** A database that Roster must not touch; the message says why and what to do. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

interface HistoryRow {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/** Brings the database up to date and answers the names of the migrations applied; throws MigrationRefused. */
export async function migrate(options: DatabaseOptions): Promise<string[]> {
  const pending = await pendingMigrations(options);
  if (pending.length === 0) return [];
  return applyMigrations('sqlite', adapterFor(options, 'migrate'));
}

/** Whether nothing has been migrated yet: there is no file, or it is empty. */
export async function isNewDatabase(options: DatabaseOptions): Promise<boolean> {
  return (await pendingMigrations(options)).length === readMigrations('sqlite').length;
}

/** What the database lacks. Only reads; throws MigrationRefused where the two histories do not agree. */
export async function pendingMigrations(options: DatabaseOptions): Promise<Migration[]> {
  const migrations = readMigrations('sqlite');
  const path = sqlitePath(options.url);
  if (!existsSync(path)) return migrations;
  const history = await readHistory(options, path);
  return comparePending(migrations, history);
}

async function readHistory(options: DatabaseOptions, path: string): Promise<HistoryRow[]> {
  let adapter: SqlDriverAdapter | undefined;
  try {
    adapter = await adapterFor(options, 'read').connect();
    const tables = await rows(adapter, `SELECT name FROM sqlite_master WHERE type = 'table'`);
    if (tables.length === 0) return [];
    if (!tables.some(([name]) => name === '_prisma_migrations')) {
      throw new MigrationRefused(`${path} is a database of something else: it has tables, but none of Roster's.`);
    }
    const history = await rows(
      adapter,
      'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name',
    );
    return history.map(([name, checksum, finishedAt]) => ({
      name: String(name),
      checksum: String(checksum),
      finished: finishedAt !== null,
    }));
  } catch (error) {
    if (error instanceof MigrationRefused) throw error;
    const reason = error instanceof DriverAdapterError ? error.cause.originalMessage : String(error);
    throw new MigrationRefused(`${path} cannot be read as an SQLite database: ${reason}. It was left as it is.`);
  } finally {
    await adapter?.dispose();
  }
}

async function rows(adapter: SqlDriverAdapter, sql: string): Promise<unknown[][]> {
  return (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows;
}

/** Pure: what is missing, given what was applied. */
export function comparePending(migrations: Migration[], history: HistoryRow[]): Migration[] {
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
