import type { Config } from '../config/settings.ts';
import type { DatabaseOptions } from './options.ts';

/** How the configuration says to open the database. */
export function databaseOptions(config: Config): DatabaseOptions {
  return {
    url: config.DATABASE_URL,
    readUrl: config.DATABASE_READ_URL,
    synchronous: config.SQLITE_SYNCHRONOUS,
    busyTimeoutMs: config.DATABASE_BUSY_TIMEOUT_MS,
    pool: {
      size: config.DATABASE_POOL_SIZE,
      connectTimeoutMs: config.DATABASE_CONNECT_TIMEOUT_MS,
      statementTimeoutMs: config.DATABASE_STATEMENT_TIMEOUT_MS,
      idleTimeoutMs: config.DATABASE_IDLE_TIMEOUT_MS,
    },
  };
}
