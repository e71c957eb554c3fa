import { PrismaClient } from '../../generated/sqlite/client.ts';
import { sqliteDialect } from '../dialect.ts';
import { clientOptions, connected, type Engine } from '../engine.ts';

export const sqliteEngine: Engine = {
  dialect: sqliteDialect,
  readsApart: true, // the writing connection takes turns, and would show what is not committed yet
  sharesCounters: false,
  createClient: (adapter) => new PrismaClient({ adapter: connected(adapter), ...clientOptions }),
  queryableOf: (adapter) => adapter,
};
