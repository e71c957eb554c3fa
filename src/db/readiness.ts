import type { App } from '../app.ts';

/** One answer serves all who ask within this time, so that asking often costs nothing. */
const reuseMs = 1000;

/** A check that proves that a write transaction commits. It answers false instead of throwing. */
export function checkReadiness({ db, log, now }: Pick<App, 'db' | 'log' | 'now'>): () => Promise<boolean> {
  let latest: Promise<boolean> | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function write(): Promise<boolean> {
    try {
      await db.withUserRows((rows) => rows.stampReadiness(now()));
      return true;
    } catch (error) {
      log.warn({ err: error }, 'not ready: a write transaction failed');
      return false;
    }
  }

  return () => {
    if (!latest || performance.now() - askedAt >= reuseMs) {
      askedAt = performance.now();
      latest = write();
    }
    return latest;
  };
}
