import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import { PrismaClient } from '../../generated/postgresql/client.ts';
import type { DatabaseClient } from '../database.ts';
import { postgresqlDialect } from '../dialect.ts';
import { clientOptions, type Engine } from '../engine.ts';
import { mayHaveCommitted } from '../errors.ts';
import { inPostgresqlTransaction, queryableOn } from './transaction.ts';

export const postgresqlEngine = (schema: string): Engine => ({
  dialect: postgresqlDialect(schema),
  /** The two clients come from one set of models, and differ only in types that Roster does not use. */
  createClient: (adapter) => new PrismaClient({ adapter, ...clientOptions }) as unknown as DatabaseClient,
  mayHaveCommitted,
  queryableOf: (adapter) => queryableOn(poolOf(adapter)),
  transact: (adapter, work, lockTimeoutMs) => inPostgresqlTransaction(poolOf(adapter), work, lockTimeoutMs),
});

/** The driver itself, of Prisma's adapter, whose type is not exported. */
function poolOf(adapter: SqlDriverAdapter): pg.Pool {
  return (adapter as SqlDriverAdapter & { underlyingDriver(): pg.Pool }).underlyingDriver();
}
