import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { PrismaClient } from '../../generated/postgresql/client.ts';
import { postgresqlDialect } from '../dialect.ts';
import { clientOptions, connected, type Engine } from '../engine.ts';
import type { DatabaseClient } from '../models.ts';
import type { PoolAdapter } from './adapter.ts';
import { queryableOn } from './queryable.ts';

export const postgresqlEngine = (schema: string): Engine => ({
  dialect: postgresqlDialect(schema),
  readsApart: false,
  sharesCounters: true,
  /** The two clients come from one set of models, and differ only in types that Roster does not use. */
  createClient: (adapter) =>
    new PrismaClient({ adapter: connected(adapter), ...clientOptions }) as unknown as DatabaseClient,
  queryableOf: (adapter: SqlDriverAdapter) => queryableOn((adapter as PoolAdapter).underlyingDriver()),
});
