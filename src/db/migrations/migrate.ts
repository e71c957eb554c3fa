import { commandLine } from '../../config/command-line.ts';
import { providerOf, sqlitePath } from '../../config/database-url.ts';
import { OperatorError } from '../../errors.ts';
import { type DatabaseOptions, describe, isMissing } from '../adapters.ts';
import { reasonOf } from '../errors.ts';
import { assertMayMakeTables, assertMayUseTables, locateSchema } from '../postgresql/schema.ts';
import { isBusy } from '../sqlite/errors.ts';
import { assertUsableFile } from '../sqlite/file-access.ts';
import { applyPending, type MigrationConnection } from './apply.ts';
import { type Migration, readMigrations } from './files.ts';
import { comparePending, readHistory } from './history.ts';
import { inUse, isUnloadable, MigrationRefused, unloadable, unreadable } from './refused.ts';

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

async function migrateFile(options: DatabaseOptions): Promise<string[]> {
  const { openForMigrations } = await import('../sqlite/migrations.ts');
  return apply(options, async () => openForMigrations(sqlitePath(options.url), options.busyTimeoutMs));
}

async function migrateServer(options: DatabaseOptions): Promise<string[]> {
  await assertMayMakeTables(options);
  return apply(options, () => openServer(options));
}

async function openServer(options: DatabaseOptions): Promise<MigrationConnection> {
  const { openForMigrations } = await import('../postgresql/migrations.ts');
  return openForMigrations(options).catch((error) => {
    throw unreadable(options, error);
  });
}

async function apply(options: DatabaseOptions, open: () => Promise<MigrationConnection>): Promise<string[]> {
  try {
    return await applyPending(await open(), readMigrations(providerOf(options.url)));
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    if (isBusy(error)) throw inUse(options);
    if (isUnloadable(error)) throw unloadable(error);
    throw new MigrationRefused(`${describe(options)} could not be migrated: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Waits until nobody migrates the server. */
async function waitForMigrations(options: DatabaseOptions): Promise<void> {
  await (await openServer(options)).close();
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
    await waitForMigrations(options);
    history = await readHistory(options);
  }
  return comparePending(migrations, history);
}
