import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { providerOf, sqlitePath, withHost } from '../config/database-url.ts';
import type { SqliteOptions } from './sqlite/adapter.ts';

export interface DatabaseOptions {
  /** `file:./roster.db` or `postgresql://user@host/database`. */
  readonly url: string;
  /** A streaming replica for queries; PostgreSQL only. */
  readonly readUrl?: string | undefined;
  /** Where the tables are; PostgreSQL only. Omitted: not known yet, see `locateSchema`. */
  readonly schema?: string | undefined;
  /** SQLite only. */
  readonly synchronous: SqliteOptions['synchronous'];
  /** How long a write waits for another process that holds the file; SQLite only. */
  readonly busyTimeoutMs: number;
  /** PostgreSQL only. */
  readonly pool?: PoolOptions | undefined;
  /** Told why, whenever a database is found to be busy or away; its users are only told that it is. */
  readonly onUnavailable?: (database: string, reason: string) => void;
}

export interface PoolOptions {
  /** Connections that one process holds at most. */
  readonly size: number;
  /** How long to wait for a free or a new connection. */
  readonly connectTimeoutMs: number;
  /** When a statement, or a transaction that waits for its next one, is given up; 0 leaves it to the server's settings. */
  readonly statementTimeoutMs: number;
  /** When an unused connection is closed. */
  readonly idleTimeoutMs: number;
}

export const defaultPool: PoolOptions = {
  size: 10,
  connectTimeoutMs: 3000,
  statementTimeoutMs: 5000,
  idleTimeoutMs: 60_000,
};

/** Where PostgreSQL keeps the tables of whoever asks for nothing else. */
export const defaultSchema = 'public';

/** Whether it is an SQLite file that does not exist, which opening it would make. */
export function isMissing({ url }: Pick<DatabaseOptions, 'url'>): boolean {
  return providerOf(url) === 'sqlite' && !existsSync(sqlitePath(url));
}

/** What to call the database in a message: a file with its folder, a server never with its password. */
export function describe({ url, schema }: Pick<DatabaseOptions, 'url' | 'schema'>): string {
  if (providerOf(url) === 'sqlite') return resolve(sqlitePath(url));
  const { host, pathname } = new URL(withHost(url));
  const where = schema === undefined || schema === defaultSchema ? '' : `, schema ${schema}`;
  return `PostgreSQL at ${host}${pathname}${where}`;
}

/** An adapter for one kind of access to the database. Its driver is loaded now, and the other database's is not. */
export async function adapterFor(
  options: DatabaseOptions,
  access: SqliteOptions['access'],
): Promise<SqlMigrationAwareDriverAdapterFactory> {
  const { url, schema = defaultSchema, synchronous, busyTimeoutMs, pool } = options;
  if (providerOf(url) === 'sqlite') {
    const { sqliteAdapter } = await import('./sqlite/adapter.ts');
    return sqliteAdapter({ path: sqlitePath(url), access, synchronous, busyTimeoutMs });
  }
  const { postgresqlAdapter, postgresqlMigrator } = await import('./postgresql/adapter.ts');
  return access === 'migrate' ? postgresqlMigrator(url, schema) : postgresqlAdapter(url, schema, pool);
}
