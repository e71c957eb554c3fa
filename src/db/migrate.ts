import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { commandLine } from '../command-line.ts';
import { adapterFor, type DatabaseOptions, describe, isMissing, providerOf, sqlitePath } from './adapters.ts';
import { assertUsableFile } from './database-file.ts';
import { reasonOf } from './errors.ts';
import { type Migration, readMigrations } from './migration-files.ts';
import { comparePending, readHistory } from './migration-history.ts';
import { inUse, MigrationRefused } from './migration-refused.ts';
import { assertMayMakeTables, assertMayUseTables, locateSchema } from './postgresql-schema.ts';
import { applyMigrations } from './schema-engine.ts';
import { isBusy } from './sqlite-errors.ts';

/** Any number that nothing else in the database uses for an advisory lock. */
export const migrationLock = 7_673_001;

/**
 * Brings the database up to date and answers the names of the migrations applied; throws MigrationRefused. Processes that
 * start together migrate once: the others wait and find nothing to do.
 */
export async function migrate(given: DatabaseOptions): Promise<string[]> {
  const options = await locateSchema(given);
  if ((await pendingMigrations(options)).length === 0) return [];
  return providerOf(options.url) === 'sqlite' ? migrateFile(options) : migrateServer(options);
}

/**
 * Sees that the schema is up to date before it is used, and answers the names of the migrations applied. A file belongs to
 * this process, so it is migrated. A server is shared: whoever runs it decides when its schema changes, unless it is said
 * that this may. Throws MigrationRefused.
 */
export async function ensureSchema(given: DatabaseOptions, mayMigrateServer = false): Promise<string[]> {
  const options = await locateSchema(given);
  if (providerOf(options.url) === 'sqlite') return migrate(options);
  const applied = mayMigrateServer ? await migrate(options) : [];
  await assertUpToDate(options);
  await assertMayUseTables(options);
  return applied;
}

async function assertUpToDate(options: DatabaseOptions): Promise<void> {
  const pending = await pendingMigrations(options);
  if (pending.length === 0) return;
  const names = pending.map(({ name }) => name).join(', ');
  throw new MigrationRefused(
    `The schema of the database is behind: it lacks ${names}. Run "${commandLine} migrate", or start with "${commandLine} serve --migrate".`,
  );
}

/** Prisma's engine holds the file's own lock while it works. */
async function migrateFile(options: DatabaseOptions): Promise<string[]> {
  try {
    return await applyMigrations('sqlite', await adapterFor(options, 'migrate'));
  } catch (error) {
    throw error instanceof Error && isBusy(error.cause) ? inUse(options) : error;
  }
}

async function migrateServer(options: DatabaseOptions): Promise<string[]> {
  await assertMayMakeTables(options);
  return withMigrationLock(options, async () => {
    const pending = comparePending(readMigrations('postgresql'), await readHistory(options));
    return pending.length === 0 ? [] : applyToServer(options);
  });
}

async function applyToServer(options: DatabaseOptions): Promise<string[]> {
  try {
    return await applyMigrations('postgresql', await adapterFor(options, 'migrate'));
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof DriverAdapterError ? reasonOf(cause) : message;
    throw new MigrationRefused(`${describe(options)} could not be migrated: ${reason}.`, { cause });
  }
}

/** The lock belongs to one connection, so it needs the server itself, not a pooler that shares connections. */
async function withMigrationLock<T>(options: DatabaseOptions, work: () => Promise<T>): Promise<T> {
  const { default: pg } = await import('pg');
  const { connectionOf } = await import('./postgresql-url.ts');
  const lock = new pg.Client(connectionOf(options.url, 'roster migrate'));
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    return await work();
  } finally {
    await lock.end();
  }
}

/**
 * What the database lacks. Only reads; waits for whoever is migrating it; throws MigrationRefused where the two histories do
 * not agree.
 */
export async function pendingMigrations(given: DatabaseOptions): Promise<Migration[]> {
  const options = await locateSchema(given);
  const migrations = readMigrations(providerOf(options.url));
  if (providerOf(options.url) === 'sqlite') {
    assertUsableFile(sqlitePath(options.url));
    if (isMissing(options)) return migrations;
  }
  let history = await readHistory(options);
  if (providerOf(options.url) === 'postgresql' && history.some(({ finished }) => !finished)) {
    history = await withMigrationLock(options, () => readHistory(options));
  }
  return comparePending(migrations, history);
}
