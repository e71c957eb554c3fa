import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQueryable } from '@prisma/driver-adapter-utils';
import type { DatabaseClient } from './models.ts';

/** Both clients alike. A plan takes up to some 25 KB; callers choose among the shapes of some two hundred. */
export const clientOptions = { errorFormat: 'minimal', queryPlanCacheMaxSize: 200 } as const;

/** What Prisma generated for one kind of database, and what the statements of our own go through. */
export interface Driver {
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
