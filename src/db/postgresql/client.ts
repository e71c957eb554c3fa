import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { PrismaClient } from '../../generated/postgresql/client.ts';
import { clientOptions, connected, type Driver } from '../client.ts';
import type { DatabaseClient } from '../models.ts';
import type { PoolAdapter } from './adapter.ts';
import { queryableOn } from './queryable.ts';

export const driver: Driver = {
  /** The two clients come from one set of models, and differ only in types that Roster does not use. */
  createClient: (adapter) =>
    new PrismaClient({ adapter: connected(adapter), ...clientOptions }) as unknown as DatabaseClient,
  queryableOf: (adapter: SqlDriverAdapter) => queryableOn((adapter as PoolAdapter).underlyingDriver()),
};
