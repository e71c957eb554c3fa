import { describe } from '../../config/database-url.ts';
import { OperatorError } from '../../errors.ts';
import type { DatabaseOptions } from '../options.ts';

/** A database that Roster must not touch; the message says why and what to do. */
export class MigrationRefused extends OperatorError {
  override readonly name = 'MigrationRefused';
}

/** Whether a native module could not be loaded, as after a change of Node. */
export function isUnloadable(error: unknown): boolean {
  return (error as NodeJS.ErrnoException)?.code === 'ERR_DLOPEN_FAILED';
}

/** The refusal to go on without the driver; the database is not to blame. */
export function unloadable(cause: unknown): MigrationRefused {
  const message = `better-sqlite3 does not load in Node ${process.versions.node}: it was installed with another version of Node, or for another system. Run "npm ci" with this Node, and start again.`;
  return new MigrationRefused(message, { cause });
}

/** The refusal of a file that another process holds. */
export function inUse(options: DatabaseOptions): MigrationRefused {
  return new MigrationRefused(`${describe(options)} is in use by another process. Stop that one, then start again.`);
}
