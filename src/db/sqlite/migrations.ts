import type { MigrationConnection } from '../migrations/connection.ts';
import { MigrationRefused } from '../migrations/refused.ts';
import { makePrivateFile } from './database-file.ts';
import { SqliteDatabase } from './driver.ts';

const createHistory = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;

/** Opens a file for its migrations, which have it to themselves: a server that uses it, too, keeps them out. */
export function openForMigrations(path: string, busyTimeoutMs: number): MigrationConnection {
  makePrivateFile(path);
  const connection = new SqliteDatabase(path, { timeout: busyTimeoutMs });
  try {
    connection.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    // SQLite does not hear of this within a transaction. To change a column, a table is made anew and the old one dropped,
    // which deletes its rows, and with foreign keys on all that belongs to them.
    connection.pragma('foreign_keys = OFF');
  } catch (error) {
    connection.close();
    throw error;
  }
  return {
    begin: 'BEGIN IMMEDIATE',
    createHistory,
    run: async (script) => void connection.exec(script),
    query: async (sql) => connection.prepare<[], unknown[]>(sql).raw().all(),
    assertIntact: async () => assertIntact(connection),
    close: async () => void connection.close(),
  };
}

function assertIntact(connection: SqliteDatabase): void {
  if (!connection.inTransaction) throw new Error('A migration has ended its transaction.');
  const [orphan] = connection.pragma('foreign_key_check') as { table: string; parent: string }[];
  if (!orphan) return;
  throw new MigrationRefused(
    `The table ${orphan.table} has rows whose row in ${orphan.parent} is missing, so it was not migrated, and nothing was changed. Delete those rows, or restore the file from a backup.`,
  );
}
