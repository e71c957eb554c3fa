import type { Logger } from 'pino';
import type { Database } from './database.ts';

/** One answer serves all who ask within this time, and while it is awaited, so that asking often costs nothing. */
const reuseMs = 1000;

interface Checked {
  readonly db: Database;
  readonly log: Logger;
  readonly now: () => Date;
}

/** A check that proves that a write transaction commits. It answers false instead of throwing. */
export function checkReadiness({ db, log, now }: Checked): () => Promise<boolean> {
  let latest: Promise<boolean> | null = null;
  let pending = false;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function write(): Promise<boolean> {
    try {
      await db.transaction(({ statements }) => statements.stampReadiness(now()));
      return true;
    } catch (error) {
      log.warn({ err: error }, 'not ready: a write transaction failed');
      return false;
    } finally {
      pending = false;
    }
  }

  return () => {
    if (!latest || (!pending && performance.now() - askedAt >= reuseMs)) {
      askedAt = performance.now();
      pending = true;
      latest = write();
    }
    return latest;
  };
}
