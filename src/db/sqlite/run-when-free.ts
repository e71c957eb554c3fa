import { setTimeout as sleep } from 'node:timers/promises';
import type { Statement } from 'better-sqlite3';
import { isBusy } from './errors.ts';

/** Between two looks whether another process has let go of the file; a look takes microseconds. */
const maxPauseMs = 5;

/** Runs a statement as soon as no other process holds the file. SQLite's own busy time-out would stop this one while it waits. */
export async function runWhenFree(statement: Statement, busyTimeoutMs: number): Promise<void> {
  const deadline = performance.now() + busyTimeoutMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    try {
      statement.run();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() + pauseMs > deadline) throw error;
      await sleep(pauseMs);
    }
  }
}
