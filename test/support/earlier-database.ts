import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { createDatabase, databaseUrl, dropDatabase, execute } from '../../scripts/postgresql-databases.ts';
import { type Migration, readMigrations } from '../../src/db/migrations/files.ts';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { temporaryFolder } from './database.ts';
import { testProvider } from './test-database.ts';

const moment = testProvider === 'sqlite' ? 'DATETIME' : 'TIMESTAMPTZ';
const history = `CREATE TABLE _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at ${moment}, migration_name VARCHAR(255) NOT NULL,
  logs TEXT, rolled_back_at ${moment}, started_at ${moment} NOT NULL DEFAULT CURRENT_TIMESTAMP, applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

function record({ name, checksum }: Migration): string {
  return `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
    VALUES ('${checksum.slice(0, 36)}', '${checksum}', '${name}', CURRENT_TIMESTAMP, 1)`;
}

/** A database as it was before the migration with this name, with these rows in it; answers its URL. */
export async function createEarlierDatabase(migration: string, rows: string): Promise<string> {
  const migrations = readMigrations(testProvider);
  const earlier = migrations.slice(
    0,
    migrations.findIndex(({ name }) => name.endsWith(`_${migration}`)),
  );
  const script = [history, ...earlier.flatMap((each) => [each.script, record(each)]), rows].join(';\n');
  if (testProvider === 'sqlite') {
    const file = join(temporaryFolder(), 'roster.db');
    new SqliteDatabase(file).exec(script).close();
    return `file:${file}`;
  }
  const [serverUrl, name] = [inject('postgresqlUrl'), `roster_earlier_${process.pid}`];
  await createDatabase(serverUrl, name);
  onTestFinished(() => dropDatabase(serverUrl, name));
  await execute(databaseUrl(serverUrl, name), script);
  return databaseUrl(serverUrl, name);
}
