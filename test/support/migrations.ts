import { createHash } from 'node:crypto';
import { inject } from 'vitest';
import { createDatabase, databaseUrl, dropDatabase } from '../../scripts/postgresql-databases.ts';
import { sqlitePath } from '../../src/config/database-url.ts';
import { applyPending } from '../../src/db/migrations/apply.ts';
import type { MigrationConnection } from '../../src/db/migrations/connection.ts';
import { type Migration, readMigrations } from '../../src/db/migrations/files.ts';
import type { DatabaseOptions } from '../../src/db/options.ts';
import { newDatabase } from './processes.ts';
import { type TestDatabase, testProvider } from './test-database.ts';

export const migrations = readMigrations(testProvider);
export const migrationNames = migrations.map(({ name }) => name);

let counter = 0;

/** A database that nobody has migrated yet: a file that does not exist, or a database of the server without a table. */
export async function newUnmigratedDatabase(): Promise<TestDatabase> {
  if (testProvider === 'sqlite') {
    const { url, remove } = newDatabase();
    return { url, remove: async () => remove() };
  }
  counter += 1;
  const [serverUrl, name] = [inject('postgresqlUrl'), `roster_unmigrated_${process.pid}_${counter}`];
  await createDatabase(serverUrl, name);
  return { url: databaseUrl(serverUrl, name), remove: () => dropDatabase(serverUrl, name) };
}

export function migrationOptions(url: string): DatabaseOptions {
  return { url, synchronous: 'normal', busyTimeoutMs: 5000 };
}

/** The connection that migrations use. */
export async function connectForMigrations(url: string): Promise<MigrationConnection> {
  if (testProvider === 'sqlite') {
    const { openForMigrations } = await import('../../src/db/sqlite/migrations.ts');
    return openForMigrations(sqlitePath(url), 5000);
  }
  const { openForMigrations } = await import('../../src/db/postgresql/migrations.ts');
  return openForMigrations(migrationOptions(url));
}

/** Applies only the first migrations, as an older version has done. */
export async function migrateTo(url: string, count: number): Promise<string[]> {
  return applyPending(await connectForMigrations(url), migrations.slice(0, count));
}

/** A migration that comes after all others. */
export function laterMigration(script: string): Migration {
  const checksum = createHash('sha256').update(script).digest('hex');
  return { name: '99990101000000_later', script, checksum };
}
