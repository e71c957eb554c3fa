import { databaseOptions } from '../db/database-options.ts';
import { migrate } from '../db/migrate.ts';
import { readSettings } from './read-settings.ts';

/** `roster migrate`: brings the database up to date and says what it did. */
export async function runMigrate(): Promise<void> {
  const applied = await migrate(databaseOptions(readSettings()));
  const lines = applied.length === 0 ? ['The database is up to date.'] : applied.map((name) => `Applied ${name}.`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
