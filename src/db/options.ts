/** What a connection is for: SQLite has one that writes and takes turns; migrations change the schema. */
export type Access = 'read' | 'write' | 'migrate';

export interface DatabaseOptions {
  /** `file:./roster.db` or `postgresql://user@host/database`. */
  readonly url: string;
  /** A streaming replica for queries; PostgreSQL only. */
  readonly readUrl?: string | undefined;
  /** Where the tables are; PostgreSQL only. Omitted: not known yet, see `locateSchema`. */
  readonly schema?: string | undefined;
  /** `full` survives a power loss; `normal` may lose the last commits in one. SQLite only. */
  readonly synchronous: 'full' | 'normal';
  /** How long a write waits for another process that holds the file; SQLite only. */
  readonly busyTimeoutMs: number;
  /** Whether what is committed is brought from the log into the file beside the answers, on a thread; SQLite only. */
  readonly checkpointsApart?: boolean | undefined;
  /** PostgreSQL only. */
  readonly pool?: PoolOptions | undefined;
  /** Told why, whenever a database is found to be busy or away; its users are only told that it is. */
  readonly onUnavailable?: (database: string, reason: string) => void;
  /** Told after the commit of deliveries of webhooks, of events that this process wrote or put in their order. */
  readonly onDeliveries?: () => void;
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
