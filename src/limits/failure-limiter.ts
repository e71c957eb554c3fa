import { BurstyRateLimiter } from 'rate-limiter-flexible';
import { type Limiters, tooMany } from './limiters.ts';

/** A budget of wrong passwords, for each key. */
export interface FailureLimiter {
  /** Takes a place for an attempt that may prove wrong; throws `rate_limited` and takes none when all are taken. */
  take(key: string): Promise<void>;
  /** The place is free again: the attempt was not a wrong one. */
  giveBack(key: string): Promise<void>;
  /** The key starts anew. */
  clear(key: string): Promise<void>;
}

export interface FailureBudget {
  /** Distinguishes the counters of one budget from those of the others. */
  readonly keyPrefix: string;
  /** How many wrong passwords there may be in a window. */
  readonly failures: number;
  readonly windowSeconds: number;
  /** When all are taken, there may still be one in so many seconds; absent: none before the window ends. */
  readonly trickleSeconds?: number;
}

export function createFailureLimiter(limiters: Limiters, budget: FailureBudget): FailureLimiter {
  const { keyPrefix, failures, windowSeconds, trickleSeconds } = budget;
  const window = limiters({ keyPrefix: `${keyPrefix}-window`, points: failures, duration: windowSeconds });
  const trickle = trickleSeconds ? limiters({ keyPrefix, points: 1, duration: trickleSeconds }) : null;
  // The window comes first: so it counts every attempt, and can give back exactly those.
  const limiter = trickle ? new BurstyRateLimiter(window, trickle) : window;

  /** A count of nothing is forgotten: it would only take memory, and below nothing it would give more than there is. */
  async function giveBack(key: string): Promise<void> {
    const { consumedPoints } = await window.reward(key);
    if (consumedPoints <= 0) await window.delete(key);
  }

  return {
    giveBack,
    async take(key) {
      try {
        await limiter.consume(key);
      } catch (error) {
        const rateLimited = tooMany(error, 'Too many wrong passwords.');
        await giveBack(key); // only what is let through counts
        throw rateLimited;
      }
    },
    async clear(key) {
      await window.delete(key);
      await trickle?.delete(key);
    },
  };
}
