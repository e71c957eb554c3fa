import pg from 'pg';
import { inject, onTestFinished } from 'vitest';
import { createDatabase, databaseUrl, dropDatabase, execute } from '../../scripts/postgresql-databases.ts';
import { readMigrations } from '../../src/db/migrations/files.ts';
import { migrationLock } from '../../src/db/postgresql/migrations.ts';
import { countWaiting } from './hold-writes.ts';
import { createTestDatabase } from './test-database.ts';
import { waitFor } from './wait.ts';

export const names = readMigrations('postgresql').map(({ name }) => name);

export async function emptyDatabase(): Promise<string> {
  const [serverUrl, name] = [inject('postgresqlUrl'), `roster_empty_${Math.random().toString(36).slice(2)}`];
  await createDatabase(serverUrl, name);
  onTestFinished(() => dropDatabase(serverUrl, name));
  return databaseUrl(serverUrl, name);
}

export async function migratedDatabase(change: string): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(database.remove);
  await execute(database.url, change);
  return database.url;
}

/** Every table with its rows, and what the catalogue says of them. */
export async function contents(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    `SELECT relname, relkind, query_to_xml(format('SELECT * FROM %I', relname), true, true, '')::text AS content
     FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname`,
  );
  await client.end();
  return rows;
}

export function appliedNames(url: string) {
  return contents(url).then((tables) => JSON.stringify(tables).match(/<migration_name>\w+/g) ?? []);
}

/** Holds the lock of migrations, as a process does that migrates this database, until it is told to let go. */
export async function holdMigrations(url: string) {
  const migrator = new pg.Client({ connectionString: url });
  await migrator.connect();
  await migrator.query('SELECT pg_advisory_lock($1)', [migrationLock]);
  return {
    untilWaiting: (count: number) =>
      waitFor(`${count} waiting processes`, async () => (await countWaiting(migrator)) === count || null, 50_000),
    finish: (sql: string) => migrator.query(sql).then(() => migrator.end()),
  };
}
