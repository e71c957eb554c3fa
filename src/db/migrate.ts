import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import pg from 'pg';
import { adapterFor, type DatabaseOptions, providerOf, sqlitePath } from './adapters.ts';
import { type Migration, readMigrations } from './migration-files.ts';
import { comparePending, inUse, MigrationRefused, readHistory } from './migration-history.ts';
import { applyMigrations } from './schema-engine.ts';
import { isBusy } from './sqlite-errors.ts';

/** Any number that nothing else in the database uses for an advisory lock. */
const migrationLock = 7_673_001;

/**
 * Brings the database up to date and answers the names of the migrations applied; throws MigrationRefused. Processes that
 * start together migrate once: the others wait and find nothing to do.
 */
export async function migrate(options: DatabaseOptions): Promise<string[]> {
  if ((await pendingMigrations(options)).length === 0) return [];
  return providerOf(options.url) === 'sqlite' ? migrateFile(options) : migrateServer(options);
}

/** Prisma's engine holds the file's own lock while it works. */
async function migrateFile(options: DatabaseOptions): Promise<string[]> {
  try {
    return await applyMigrations('sqlite', adapterFor(options, 'migrate'));
  } catch (error) {
    throw error instanceof Error && isBusy(error.cause) ? inUse(options) : error;
  }
}

/** The lock belongs to one connection, so it needs the server itself, not a pooler that shares connections. */
async function migrateServer(options: DatabaseOptions): Promise<string[]> {
  const lock = new pg.Client({ connectionString: options.url });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    if ((await pendingMigrations(options)).length === 0) return [];
    return await applyMigrations('postgresql', adapterFor(options, 'migrate'));
  } finally {
    await lock.end();
  }
}

/** What the database lacks. Only reads; throws MigrationRefused where the two histories do not agree. */
export async function pendingMigrations(options: DatabaseOptions): Promise<Migration[]> {
  const migrations = readMigrations(providerOf(options.url));
  if (providerOf(options.url) === 'sqlite') {
    const path = sqlitePath(options.url);
    if (!existsSync(dirname(path))) {
      throw new MigrationRefused(`The folder of ${path} does not exist. Make it, or set DATABASE_URL to another file.`);
    }
    if (!existsSync(path)) return migrations;
  }
  return comparePending(migrations, await readHistory(options));
}
