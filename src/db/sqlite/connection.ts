import type { Access } from '../options.ts';
import { makePrivateFile } from './database-file.ts';
import { SqliteDatabase } from './driver.ts';

export interface SqliteOptions {
  /** The path of the file, or `:memory:`. */
  readonly path: string;
  /** A reader sees committed rows only and cannot write; a writer takes turns; a migrator takes whole scripts. */
  readonly access: Access;
  /** `full` survives a power loss; `normal` may lose the last commits in one. */
  readonly synchronous: 'full' | 'normal';
  /** How long to wait for another process that holds the file, in milliseconds. */
  readonly busyTimeoutMs: number;
  /** Whether a thread of its own brings what is committed from the log into the file, as a server wants it. */
  readonly checkpointsApart?: boolean | undefined;
}

/**
 * 16 MiB. SQLite's own 1,000 pages have each page that every update writes, such as the last of the events, copied into the file
 * four times as often: an update costs a tenth more.
 */
export const pagesOfLog = 4000;
/**
 * 125 MiB. Of a large store thousands of users touch nearly as many pages of each index as there are, all of which go to the file
 * whenever the log does: seldom, an import of half a million goes on a third faster. Whoever commits next has to wait for it.
 */
export const pagesOfLargeLog = 32_000;
/** In KiB, of each connection of a server: users come in no order, and twice as much finds hardly more of them. */
const serverCacheKiB = 8000;
/** 128 MiB: where a thread sees to the log, and for whatever reason does not. */
const longestLog = 32_000;

/** A connection of our own kind of access. */
export function openConnection(options: SqliteOptions): SqliteDatabase {
  const { path, access, synchronous, busyTimeoutMs, checkpointsApart = false } = options;
  if (access !== 'read') makePrivateFile(path);
  const connection = new SqliteDatabase(path, { timeout: busyTimeoutMs, fileMustExist: access === 'read' });
  try {
    connection.pragma('foreign_keys = ON');
    if (access === 'read') {
      connection.pragma('query_only = ON');
    } else {
      connection.pragma('journal_mode = WAL');
      connection.pragma(`synchronous = ${synchronous}`);
      connection.pragma(`wal_autocheckpoint = ${access === 'write' && checkpointsApart ? longestLog : pagesOfLog}`);
    }
    if (checkpointsApart) connection.pragma(`cache_size = -${serverCacheKiB}`);
    if (access === 'write') {
      connection.pragma('busy_timeout = 0'); // from here on GroupCommit waits, without blocking
      connection.pragma('temp_store = MEMORY'); // the pages that a statement may have to put back: else a file, made for each
    }
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
