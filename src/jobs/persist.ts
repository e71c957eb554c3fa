import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../errors.ts';

const maxTries = 5;
const longestPauseMs = 1000;

/**
 * Writes down what has happened. A database that is away is waited for, however long: what has been sent would be sent again. What
 * it refuses for another reason is tried five times, and so is everything while the process stops.
 */
export async function persistently(write: () => Promise<void>, stopping: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write();
    } catch (error) {
      if (tries >= maxTries && (stopping.aborted || !isAway(error))) throw error;
      await sleep(Math.min(longestPauseMs, 200 * tries), undefined, { ref: false });
    }
  }
}

/** Also where it is not known whether it has written: to write the same again does no harm. */
function isAway(error: unknown): boolean {
  return error instanceof DomainError && (error.code === 'service_unavailable' || error.code === 'outcome_unknown');
}
