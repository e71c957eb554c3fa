import { DriverAdapterError, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { providerOf } from '../../config/database-url.ts';
import { OperatorError } from '../../errors.ts';
import { adapterFor, type DatabaseOptions, describe } from '../adapters.ts';
import { isUnusableFile, reasonOf } from '../errors.ts';

/** A database that Roster must not touch; the message says why and what to do. */
export class MigrationRefused extends OperatorError {
  override readonly name = 'MigrationRefused';
}

/** Asks it; the arguments are texts. */
export type Read = (sql: string, args?: string[]) => Promise<unknown[][]>;

/** Reads a database that nobody has looked at yet. Throws MigrationRefused where it cannot be read. */
export async function readUnopened<T>(options: DatabaseOptions, work: (read: Read) => Promise<T>): Promise<T> {
  let adapter: SqlDriverAdapter | undefined;
  try {
    adapter = await (await adapterFor(options, 'read')).connect();
    const { queryRaw } = adapter;
    return await work(async (sql, args = []) => {
      const argTypes = args.map(() => ({ scalarType: 'string', arity: 'scalar' }) as const);
      return (await queryRaw.call(adapter, { sql, args, argTypes })).rows;
    });
  } catch (error) {
    throw error instanceof MigrationRefused ? error : unreadable(options, error);
  } finally {
    await adapter?.dispose();
  }
}

/** The refusal of a database that could not be asked, with the reason. */
export function unreadable(options: DatabaseOptions, error: unknown): MigrationRefused {
  if (isUnloadable(error)) return unloadable(error);
  const reason = reasonOf(error);
  if (providerOf(options.url) === 'postgresql') {
    return new MigrationRefused(`${describe(options)} cannot be used: ${reason}.`);
  }
  if (error instanceof DriverAdapterError && error.cause.kind === 'SocketTimeout') return inUse(options);
  if (isUnusableFile(error)) {
    return new MigrationRefused(
      `${describe(options)} cannot be used: ${reason}. See whether its disk is full, read-only or broken, and start again.`,
    );
  }
  return new MigrationRefused(
    `${describe(options)} cannot be read as an SQLite database: ${reason}. It was left as it is; set DATABASE_URL to another file.`,
  );
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
