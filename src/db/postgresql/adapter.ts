import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQueryable,
} from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import type { WritingAdapter } from '../openings.ts';
import { defaultPool } from '../options.ts';
import { quoteIdentifier } from '../quote.ts';
import { Connection, limitedConnection } from './connection.ts';
import { connectionOf } from './connection-url.ts';
import { openTransaction } from './transaction.ts';

/** Prisma's adapter for a server, through a pool of connections, with transactions of our own. */
export function postgresqlAdapter(
  url: string,
  schema: string,
  pool = defaultPool,
): SqlMigrationAwareDriverAdapterFactory {
  const prismas = new PrismaPg(
    {
      ...connectionOf(url, 'roster'),
      max: pool.size,
      connectionTimeoutMillis: pool.connectTimeoutMs,
      idleTimeoutMillis: pool.idleTimeoutMs,
      keepAlive: true,
      pipeline: true,
      Client: Connection,
      ...(pool.statementTimeoutMs > 0 && {
        // The server ends a slow statement first, and its connection goes on. This is for a server that is silent.
        query_timeout: pool.statementTimeoutMs + 1000,
        Client: limitedConnection(pool.statementTimeoutMs),
      }),
    },
    { schema },
  );
  return {
    provider: 'postgres',
    adapterName: 'roster-postgresql',
    connect: async () => withOwnTransactions(await prismas.connect()),
    connectToShadowDb: () => prismas.connectToShadowDb(),
  };
}

type PrismasAdapter = Awaited<ReturnType<PrismaPg['connect']>>;

/** An adapter, and the pool that it and the statements of our own go through. */
export interface PoolAdapter extends WritingAdapter {
  underlyingDriver(): pg.Pool;
}

function withOwnTransactions(adapter: PrismasAdapter): PoolAdapter {
  const pool = adapter.underlyingDriver();
  let ended: Promise<void> | null = null;
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    queryRaw: (query) => adapter.queryRaw(query),
    executeRaw: (query) => adapter.executeRaw(query),
    executeScript: (script) => adapter.executeScript(script),
    getConnectionInfo: () => adapter.getConnectionInfo(),
    dispose: () => {
      ended ??= adapter.dispose(); // a client that is asked for something after that connects again, and is closed again
      return ended;
    },
    underlyingDriver: () => pool,
    async startTransaction(isolationLevel, lockTimeoutMs) {
      const inner = adapter as unknown as Inner;
      const client = await pool.connect().catch((error) => inner.onError(error));
      const prismas = Object.create(adapter, { client: { value: client } }) as SqlQueryable;
      return openTransaction(client, prismas, { isolationLevel, lockTimeoutMs });
    },
  };
}

/** What Prisma's adapter has besides and does not export: what its statements go through, and its words for an error. */
interface Inner {
  readonly client: pg.Pool | pg.PoolClient;
  onError(error: unknown): never;
}

/**
 * The same without limits of time, for Prisma's schema engine: an index on a large table takes long. The migrations name no
 * schema, so each connection begins with the one that is meant.
 */
export function postgresqlMigrator(url: string, schema: string): SqlMigrationAwareDriverAdapterFactory {
  const onConnect = (client: pg.ClientBase) =>
    client.query("SELECT set_config('search_path', $1, false)", [quoteIdentifier(schema)]);
  const config = { ...connectionOf(url, 'roster migrate'), max: 1, onConnect, Client: Connection };
  const connect = async (database = config.database) => {
    return readCharAsText(await new PrismaPg({ ...config, database }, { schema }).connect());
  };
  return {
    provider: 'postgres',
    adapterName: 'roster-postgresql',
    connect,
    connectToShadowDb: () => connectToShadow(connect),
  };
}

/** The stock adapter drops its shadow database while it is still connected to it, which PostgreSQL refuses. */
async function connectToShadow(connect: (database?: string) => Promise<SqlDriverAdapter>): Promise<SqlDriverAdapter> {
  const database = `roster_shadow_${randomUUID()}`;
  const server = await connect();
  await server.executeScript(`CREATE DATABASE "${database}"`);
  const shadow = await connect(database);
  const dispose = shadow.dispose.bind(shadow);
  shadow.dispose = async () => {
    await dispose();
    await server.executeScript(`DROP DATABASE "${database}"`);
    await server.dispose();
  };
  return shadow;
}

const charColumns = ['constraint_type', 'confdeltype', 'confupdtype'];

/**
 * The engine asks for columns of the catalogue's type "char", which the adapter cannot read: they are read as text and
 * called characters. And it does not know that PostgreSQL 18 lists NOT NULL (`n`) among the constraints.
 */
function readCharAsText(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const sql = query.sql
      .replace('constr.contype AS', 'constr.contype::text AS')
      .replace("NOT IN ('p', 'u', 'f')", "NOT IN ('p', 'u', 'f', 'n')")
      .replace(/con\.(confdeltype|confupdtype),/g, 'con.$1::text AS $1,');
    const result = await queryRaw({ ...query, sql });
    const columnTypes = result.columnTypes.map((type, i) =>
      charColumns.includes(result.columnNames[i] ?? '') ? ColumnTypeEnum.Character : type,
    );
    return { ...result, columnTypes };
  };
  return adapter;
}
