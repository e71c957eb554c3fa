import { databaseOptions } from '../db/database-options.ts';
import { migrate } from '../db/migrate.ts';
import { readSettings } from './read-settings.ts';
import type { Terminal } from './terminal.ts';

/** `roster migrate`: brings the database up to date and says what it did. */
export async function runMigrate(terminal: Terminal): Promise<void> {
  const applied = await migrate(databaseOptions(readSettings(terminal)));
  const lines = applied.length === 0 ? ['The database is up to date.'] : applied.map((name) => `Applied ${name}.`);
  terminal.stdout.write(`${lines.join('\n')}\n`);
}
