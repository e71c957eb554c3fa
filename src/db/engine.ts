import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQueryable } from '@prisma/driver-adapter-utils';
import { type DatabaseOptions, defaultSchema, providerOf } from './adapters.ts';
import type { DatabaseClient } from './database.ts';
import type { Dialect } from './dialect.ts';

/** Both clients alike. A plan takes up to some 25 KB; callers choose among the shapes of some two hundred. */
export const clientOptions = { errorFormat: 'minimal', queryPlanCacheMaxSize: 200 } as const;

/** What is particular to one kind of database. */
export interface Engine {
  readonly dialect: Dialect;
  createClient(adapter: SqlDriverAdapterFactory): DatabaseClient;
  /** What the statements of our own read through. */
  queryableOf(adapter: SqlDriverAdapter): SqlQueryable;
  /** Whether a COMMIT of Prisma's that failed with this error may have happened all the same. */
  mayHaveCommitted(error: unknown): boolean;
  /** Runs `work` as one transaction, and resolves after its commit. Throws UnansweredCommit, LockTimeout. */
  transact<T>(
    adapter: SqlDriverAdapter,
    work: (queryable: SqlQueryable) => Promise<T>,
    lockTimeoutMs?: number,
  ): Promise<T>;
}

/** Loads the engine of the database that is used, and no other: each takes its time, and memory. */
export async function loadEngine({ url, schema = defaultSchema }: DatabaseOptions): Promise<Engine> {
  return providerOf(url) === 'sqlite'
    ? (await import('./sqlite/engine.ts')).sqliteEngine
    : (await import('./postgresql/engine.ts')).postgresqlEngine(schema);
}
