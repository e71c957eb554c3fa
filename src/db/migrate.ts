import { commandLine } from '../config/command-line.ts';
import { describe, isMissing } from '../config/database-url.ts';
import { OperatorError } from '../errors.ts';
import type { Dialect } from './dialect.ts';
import { dialectOf, locateSchema } from './dialects.ts';
import { reasonOf } from './errors.ts';
import { applyPending } from './migrations/apply.ts';
import { type Migration, readMigrations } from './migrations/files.ts';
import { comparePending, readHistory } from './migrations/history.ts';
import { inUse, isUnloadable, MigrationRefused, unloadable } from './migrations/refused.ts';
import type { DatabaseOptions } from './options.ts';
import { isBusy } from './sqlite/errors.ts';

/**
 * Brings the database up to date and answers the names of the migrations applied; throws MigrationRefused. Processes that
 * start together migrate once: the others wait and find nothing to do.
 */
export async function migrate(given: DatabaseOptions): Promise<string[]> {
  const options = await locateSchema(given);
  if ((await pendingMigrations(options)).length === 0) return [];
  return applyTo(options);
}

/**
 * Sees that the schema is up to date before it is used, and answers the names of the migrations applied. A file belongs to
 * this process, so it is migrated. A server is shared: whoever runs it decides when its schema changes, unless it is said
 * that this may. Throws MigrationRefused.
 */
export async function ensureSchema(given: DatabaseOptions, mayMigrateServer = false): Promise<string[]> {
  const options = await locateSchema(given);
  const dialect = dialectOf(options);
  if (!dialect.isShared) return migrate(options);
  const applied = mayMigrateServer ? await migrate(options) : [];
  await assertUpToDate(options);
  await dialect.assertMayUseTables(options);
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

async function applyTo(options: DatabaseOptions): Promise<string[]> {
  const dialect = dialectOf(options);
  await dialect.assertMayMigrate(options);
  try {
    return await applyPending(await dialect.openForMigrations(options), readMigrations(dialect.provider));
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    if (isBusy(error)) throw inUse(options);
    if (isUnloadable(error)) throw unloadable(error);
    throw new MigrationRefused(`${describe(options)} could not be migrated: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Waits until nobody migrates the server. */
async function waitForMigrations(dialect: Dialect, options: DatabaseOptions): Promise<void> {
  await (await dialect.openForMigrations(options)).close();
}

/**
 * What the database lacks. Only reads; waits for whoever is migrating it; throws MigrationRefused where the two histories do
 * not agree.
 */
export async function pendingMigrations(given: DatabaseOptions): Promise<Migration[]> {
  const options = await locateSchema(given);
  const dialect = dialectOf(options);
  const migrations = readMigrations(dialect.provider);
  dialect.assertUsable(options);
  if (isMissing(options)) return migrations;
  let history = await readHistory(dialect, options);
  if (dialect.isShared && history.some(({ finished }) => !finished)) {
    await waitForMigrations(dialect, options);
    history = await readHistory(dialect, options);
  }
  return comparePending(migrations, history);
}
