import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { adapterFor } from '../../src/db/dialects.ts';
import type { DatabaseOptions } from '../../src/db/options.ts';

export interface Statement {
  readonly sql: string;
  readonly values: unknown[];
}

/** The database, on connections that note every statement that they are sent, but those that begin and end transactions. */
export async function openRecorded(options: DatabaseOptions, note: (statement: Statement) => void): Promise<Database> {
  const tell = (sql: string, values: unknown[] = []) => {
    if (!/^(BEGIN|COMMIT|ROLLBACK)/.test(sql)) note({ sql, values });
  };
  return openDatabase(options, async (...access) => recording(await adapterFor(...access), tell));
}

type Tell = (sql: string, values?: unknown[]) => void;
type Factory = SqlMigrationAwareDriverAdapterFactory;

function recording(factory: Factory, tell: Tell): Factory {
  return { ...factory, connectToShadowDb: () => factory.connectToShadowDb(), connect: () => connect(factory, tell) };
}

async function connect(factory: Factory, tell: Tell): Promise<SqlDriverAdapter> {
  const adapter = await factory.connect();
  if ('underlyingDriver' in adapter) {
    const pool = (adapter.underlyingDriver as () => pg.Pool)();
    pool.on('connect', (client) => noteQueries(client, tell));
    return adapter;
  }
  const start = adapter.startTransaction.bind(adapter);
  adapter.startTransaction = async (level) => noteStatements(await start(level), tell);
  return noteStatements(adapter, tell);
}

function noteQueries(client: pg.PoolClient, tell: Tell): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  Object.assign(client, {
    query: (config: string | pg.QueryConfig, ...rest: unknown[]) => {
      if (typeof config === 'string') tell(config);
      else tell(config.text, config.values);
      return query(config, ...rest);
    },
  });
}

function noteStatements<T extends Pick<SqlDriverAdapter, 'queryRaw' | 'executeRaw'>>(queryable: T, tell: Tell): T {
  const [queryRaw, executeRaw] = [queryable.queryRaw.bind(queryable), queryable.executeRaw.bind(queryable)];
  queryable.queryRaw = (query) => {
    tell(query.sql, query.args);
    return queryRaw(query);
  };
  queryable.executeRaw = (query) => {
    tell(query.sql, query.args);
    return executeRaw(query);
  };
  return queryable;
}
