import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';

/**
 * The package of SQLite's driver. Version 13 brings its binaries along and takes Node 22; Node 20 has 12. That one must not be
 * loaded by a newer Node: compiled for 24.19 or later, it ends the process when a statement is collected (nodejs/node#65446).
 */
export const driverPackage =
  Number.parseInt(process.versions.node, 10) >= 22 ? 'better-sqlite3' : 'better-sqlite3-for-node-20';

/** A connection to an SQLite file. */
export const SqliteDatabase: typeof BetterSqlite3 = createRequire(import.meta.url)(driverPackage);
export type SqliteDatabase = BetterSqlite3.Database;
