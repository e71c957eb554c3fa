import { DriverAdapterError, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { OperatorError } from '../errors.ts';
import { adapterFor, type DatabaseOptions, describe, providerOf } from './adapters.ts';
import { reasonOf } from './errors.ts';
import type { Migration, Provider } from './migration-files.ts';

/** A database that Roster must not touch; the message says why and what to do. */
export class MigrationRefused extends OperatorError {
  override readonly name = 'MigrationRefused';
}

export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

const listTables: Record<Provider, string> = {
  sqlite: `SELECT name FROM sqlite_master WHERE type = 'table'`,
  postgresql: 'SELECT tablename FROM pg_tables WHERE schemaname = current_schema()',
};

/** What was applied to the database, as Prisma Migrate keeps it. Only reads; throws MigrationRefused. */
export async function readHistory(options: DatabaseOptions): Promise<AppliedMigration[]> {
  let adapter: SqlDriverAdapter | undefined;
  try {
    adapter = await (await adapterFor(options, 'read')).connect();
    const tables = await rows(adapter, listTables[providerOf(options.url)]);
    if (tables.length === 0) return [];
    if (!tables.some(([name]) => name === '_prisma_migrations')) {
      throw new MigrationRefused(
        `${describe(options)} is a database of something else: it has tables, but none of Roster's. Set DATABASE_URL to another one.`,
      );
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
    throw error instanceof MigrationRefused ? error : unreadable(options, error);
  } finally {
    await adapter?.dispose();
  }
}

async function rows(adapter: SqlDriverAdapter, sql: string): Promise<unknown[][]> {
  return (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows;
}

function unreadable(options: DatabaseOptions, error: unknown): MigrationRefused {
  const reason = reasonOf(error);
  if (providerOf(options.url) === 'postgresql') {
    return new MigrationRefused(`${describe(options)} cannot be used: ${reason}.`);
  }
  if (error instanceof DriverAdapterError && error.cause.kind === 'SocketTimeout') return inUse(options);
  return new MigrationRefused(
    `${describe(options)} cannot be read as an SQLite database: ${reason}. It was left as it is; set DATABASE_URL to another file.`,
  );
}

/** The refusal of a file that another process holds. */
export function inUse(options: DatabaseOptions): MigrationRefused {
  return new MigrationRefused(`${describe(options)} is in use by another process. Stop that one, then start again.`);
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
