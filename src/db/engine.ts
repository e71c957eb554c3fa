import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQueryable } from '@prisma/driver-adapter-utils';
import { providerOf } from '../config/database-url.ts';
import { type DatabaseOptions, defaultSchema } from './adapters.ts';
import type { Dialect } from './dialect.ts';
import type { DatabaseClient } from './models.ts';

/** Both clients alike. A plan takes up to some 25 KB; callers choose among the shapes of some two hundred. */
export const clientOptions = { errorFormat: 'minimal', queryPlanCacheMaxSize: 200 } as const;

/** What is particular to one kind of database. */
export interface Engine {
  readonly dialect: Dialect;
  /** Whether reads need a connection of their own. */
  readonly readsApart: boolean;
  /** Whether many processes share the database, and may count in it together. */
  readonly sharesCounters: boolean;
  /** A client of an adapter that is connected already. */
  createClient(adapter: SqlDriverAdapter): DatabaseClient;
  /** What the statements of our own read through. */
  queryableOf(adapter: SqlDriverAdapter): SqlQueryable;
}

/** The adapter as Prisma takes it. */
export function connected(adapter: SqlDriverAdapter): SqlDriverAdapterFactory {
  const { provider, adapterName } = adapter;
  return { provider, adapterName, connect: async () => adapter };
}

/** Loads the engine of the database that is used, and no other: each takes its time, and memory. */
export async function loadEngine({ url, schema = defaultSchema }: DatabaseOptions): Promise<Engine> {
  return providerOf(url) === 'sqlite'
    ? (await import('./sqlite/engine.ts')).sqliteEngine
    : (await import('./postgresql/engine.ts')).postgresqlEngine(schema);
}
