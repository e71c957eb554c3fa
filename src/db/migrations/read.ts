import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { Access, DatabaseOptions } from '../options.ts';
import { MigrationRefused } from './refused.ts';

/** How a database is opened for the first time. */
export interface Opening {
  /** Adapters for one kind of access to the database. */
  loadAdapter(options: DatabaseOptions, access: Access): Promise<SqlMigrationAwareDriverAdapterFactory>;
  /** The refusal of a database that could not be asked, with the reason. */
  refuseUnreadable(options: DatabaseOptions, error: unknown): MigrationRefused;
}

/** Asks it; the arguments are texts. */
export type Read = (sql: string, args?: string[]) => Promise<unknown[][]>;

/** Reads a database that nobody has looked at yet. Throws MigrationRefused where it cannot be read. */
export async function readUnopened<T>(
  opening: Opening,
  options: DatabaseOptions,
  work: (read: Read) => Promise<T>,
): Promise<T> {
  let adapter: SqlDriverAdapter | undefined;
  try {
    adapter = await (await opening.loadAdapter(options, 'read')).connect();
    const { queryRaw } = adapter;
    return await work(async (sql, args = []) => {
      const argTypes = args.map(() => ({ scalarType: 'string', arity: 'scalar' }) as const);
      return (await queryRaw.call(adapter, { sql, args, argTypes })).rows;
    });
  } catch (error) {
    throw error instanceof MigrationRefused ? error : opening.refuseUnreadable(options, error);
  } finally {
    await adapter?.dispose();
  }
}
