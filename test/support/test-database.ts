import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { createDatabase, databaseUrl, dropDatabase } from '../../scripts/postgresql-databases.ts';
import { newFolder } from './folders.ts';

export interface TestDatabase {
  readonly url: string;
  remove(): Promise<void>;
}

/** Which of the two databases this run of the test is for. */
export const testProvider = process.env.TEST_DATABASE === 'postgresql' ? 'postgresql' : 'sqlite';

/** A migrated, empty database of the test's own. */
export function createTestDatabase(): Promise<TestDatabase> {
  return testProvider === 'postgresql' ? createPostgresqlDatabase() : createSqliteFile();
}

async function createSqliteFile(): Promise<TestDatabase> {
  const folder = newFolder();
  const file = join(folder, 'roster.db');
  copyFileSync(inject('sqliteTemplate'), file);
  return { url: `file:${file}`, remove: async () => rmSync(folder, { recursive: true, force: true }) };
}

async function createPostgresqlDatabase(): Promise<TestDatabase> {
  const serverUrl = inject('postgresqlUrl');
  const name = `roster_test_${process.pid}_${Math.random().toString(36).slice(2)}`;
  await createDatabase(serverUrl, name, inject('postgresqlTemplate'));
  return { url: databaseUrl(serverUrl, name), remove: () => dropDatabase(serverUrl, name) };
}
