import { DomainError } from '../errors.ts';

/** How many hashes may be computed at once (memory is that many times the cost's), and how many may wait. */
export interface HashQueueOptions {
  maxConcurrent: number;
  maxQueued: number;
}

/** Runs hash computations, a few at a time. */
export interface HashQueue {
  /** The work's own result, in turn; rejects with rate_limited at once when too many are waiting. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

const FIRST_GUESS_MS = 100;
const WEIGHT_OF_LATEST = 0.2;

/** A queue with room for a bounded number, first come first served. */
export function createHashQueue({ maxConcurrent, maxQueued }: HashQueueOptions): HashQueue {
  const waiting: (() => void)[] = [];
  let running = 0;
  let averageMs = FIRST_GUESS_MS;

  const enter = async (): Promise<void> => {
    if (running < maxConcurrent) {
      running += 1;
    } else if (waiting.length < maxQueued) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      const waitMs = ((running + waiting.length) * averageMs) / maxConcurrent;
      throw new DomainError('rate_limited', 'Too many passwords are being processed. Try again later.', {
        retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
      });
    }
  };

  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) {
      running -= 1;
    } else {
      // The place is handed over, so that nobody who comes in between can take it.
      next();
    }
  };

  return {
    run: async (work) => {
      await enter();
      const startedAt = performance.now();
      try {
        return await work();
      } finally {
        averageMs += (performance.now() - startedAt - averageMs) * WEIGHT_OF_LATEST;
        leave();
      }
    },
  };
}
