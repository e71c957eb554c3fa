import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { newFolder } from './folders.ts';
import { takeDatabase } from './kept-databases.ts';

export interface TestDatabase {
  readonly url: string;
  remove(): Promise<void>;
}

/** Which of the two databases this run of the test is for. */
export const testProvider = process.env.TEST_DATABASE === 'postgresql' ? 'postgresql' : 'sqlite';

/** A migrated, empty database of the test's own. */
export function createTestDatabase(): Promise<TestDatabase> {
  return testProvider === 'postgresql'
    ? takeDatabase(inject('postgresqlUrl'), inject('postgresqlTemplate'))
    : createSqliteFile();
}

async function createSqliteFile(): Promise<TestDatabase> {
  const folder = newFolder();
  const file = join(folder, 'roster.db');
  copyFileSync(inject('sqliteTemplate'), file);
  return { url: `file:${file}`, remove: async () => rmSync(folder, { recursive: true, force: true }) };
}
