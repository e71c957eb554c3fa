import { commandLine } from '../config/command-line.ts';
import { describe, isMissing } from '../config/database-url.ts';
import type { Config } from '../config/settings.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { databaseOptions } from '../db/database-options.ts';
import { locateSchema } from '../db/dialects.ts';
import { ensureSchema } from '../db/migrate.ts';
import { OperatorError } from '../errors.ts';
import { createReasonTeller } from './tell-reason.ts';
import type { Terminal } from './terminal.ts';

/** Opens the database for one command. A file that is not there is made only by a command that fills it. */
export async function withDatabase(
  terminal: Terminal,
  config: Config,
  work: (db: Database) => Promise<void>,
  { mayMakeFile = false } = {},
): Promise<void> {
  const given = databaseOptions(config);
  if (!mayMakeFile && isMissing(given)) {
    throw new OperatorError(
      `There is no file ${describe(given)}. Run this in the folder where Roster runs, or set DATABASE_URL to its database. To make an empty one: ${commandLine} migrate`,
    );
  }
  const options = await locateSchema(given);
  await ensureSchema(options);
  const db = await openDatabase({ ...options, onUnavailable: createReasonTeller(terminal) });
  try {
    await work(db);
  } finally {
    await db.close();
  }
}
