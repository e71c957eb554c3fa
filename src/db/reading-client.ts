import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import { isWriteConflict } from './errors.ts';
import type { DatabaseClient } from './models.ts';

/** The error in Roster's words; any other than that the database is busy or away is thrown as it is. */
export type Refuse = (error: unknown) => unknown;

/** Statements of our own with the same promises. */
export function readingQueryable(queryable: SqlQueryable, refuse: Refuse, fallback?: SqlQueryable): SqlQueryable {
  return {
    ...queryable,
    queryRaw: async (query) => {
      try {
        return await again(() => queryable.queryRaw(query));
      } catch (error) {
        const refusal = refuse(error);
        if (fallback && refusal !== error) return fallback.queryRaw(query);
        throw refusal;
      }
    },
  };
}

/** A read can be repeated where a replica gave it up for what it had to replay, or a name of it was refused. */
async function again<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isWriteConflict(error)) throw error;
    return read();
  }
}

type Models = Record<string, Record<string, (args: unknown) => Promise<unknown>>>;

/**
 * The client with errors in Roster's words: `service_unavailable` where the database is busy or away. With a fallback, what
 * the client cannot answer for that reason is asked there.
 */
export function readingClient(client: DatabaseClient, refuse: Refuse, fallback?: DatabaseClient): DatabaseClient {
  return client.$extends({
    query: {
      async $allOperations({ model, operation, args, query }) {
        try {
          return await query(args);
        } catch (error) {
          const refusal = refuse(error);
          const other = refusal !== error && model && (fallback as unknown as Models | undefined)?.[model];
          if (other) return other[operation]?.(args);
          throw refusal;
        }
      },
    },
  }) as unknown as DatabaseClient;
}
