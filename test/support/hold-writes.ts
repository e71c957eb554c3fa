import pg from 'pg';
import { providerOf, sqlitePath } from '../../src/config/database-url.ts';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { waitFor } from './wait.ts';

export interface HeldWrites {
  /** Resolves when exactly so many transactions wait for the user. */
  untilWaiting(count: number, ask: () => Promise<unknown>): Promise<void>;
  /** Also when called again. */
  release(): Promise<void>;
}

/** Makes everybody who would change this user wait, as another program could that holds the row, or the file. */
export function holdWrites(databaseUrl: string, userId: string): Promise<HeldWrites> {
  return providerOf(databaseUrl) === 'sqlite' ? holdFile(databaseUrl) : holdRow(databaseUrl, userId);
}

async function holdRow(databaseUrl: string, userId: string): Promise<HeldWrites> {
  const holder = new pg.Client({ connectionString: databaseUrl });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [userId]);
  let isHeld = true;
  return {
    untilWaiting: (count) =>
      waitFor(`${count} waiting transactions`, async () => (await countWaiting(holder)) === count || null).then(
        () => {},
      ),
    release: async () => {
      if (!isHeld) return;
      isHeld = false;
      await holder.query('COMMIT');
      await holder.end();
    },
  };
}

/** How many connections of this database wait for a lock. */
export async function countWaiting(client: pg.Client): Promise<number> {
  await client.query('SELECT pg_stat_clear_snapshot()'); // within a transaction, what was seen once does not change
  const { rows } = await client.query(
    `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0].waiting;
}

async function holdFile(databaseUrl: string): Promise<HeldWrites> {
  const holder = new SqliteDatabase(sqlitePath(databaseUrl));
  holder.exec('BEGIN IMMEDIATE');
  return {
    // Nobody sees a process wait for its turn. What it was asked before, it has begun before it answers these.
    untilWaiting: async (count, ask) => {
      for (let i = 0; i < count * 3; i += 1) await ask();
    },
    release: async () => void holder.close(),
  };
}
