import { defaultSchema } from '../../config/database-url.ts';
import type { MigrationConnection } from '../migrations/connection.ts';
import type { DatabaseOptions } from '../options.ts';
import { quoteIdentifier } from '../quote.ts';
import { Connection } from './connection.ts';
import { connectionOf } from './connection-url.ts';

/** The advisory lock that Prisma Migrate takes, so that its command line, too, waits for Roster, and Roster for it. */
export const migrationLock = 72_707_369;

const createHistory = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"              VARCHAR(64) NOT NULL,
    "finished_at"           TIMESTAMPTZ,
    "migration_name"        VARCHAR(255) NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        TIMESTAMPTZ,
    "started_at"            TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count"   INTEGER NOT NULL DEFAULT 0
)`;

/**
 * Connects to a server for its migrations, when nobody else migrates it. The lock belongs to the very connection that
 * migrates: when its process is killed, it stays until the server has rolled back what was open. So it takes the server
 * itself, not a pooler that shares connections; and no limit of time, because an index on a large table takes long.
 */
export async function openForMigrations(options: DatabaseOptions): Promise<MigrationConnection> {
  const { url, schema = defaultSchema } = options;
  const client = new Connection(connectionOf(url, 'roster migrate'));
  try {
    await client.connect();
    // The migrations name no schema, so that the connection begins with the one that is meant.
    await client.query("SELECT set_config('search_path', $1, false)", [quoteIdentifier(schema)]);
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
  } catch (error) {
    await client.end();
    throw error;
  }
  return {
    begin: 'BEGIN',
    createHistory,
    run: async (script) => void (await client.query(script)),
    query: async (sql) => (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows,
    assertIntact: async () => {}, // PostgreSQL has checked every row
    close: () => client.end(),
  };
}
