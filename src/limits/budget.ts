import { BurstyRateLimiter } from 'rate-limiter-flexible';
import { type Limiters, tooMany } from './limiters.ts';

/** A budget, for each key: of wrong passwords or codes, or of what is sent. */
export interface Budget {
  /** Takes a place, such as for an attempt that may prove wrong; throws and takes none when all are taken. */
  take(key: string): Promise<void>;
  /** The place is free again: the attempt was not a wrong one, or nothing was sent. */
  giveBack(key: string): Promise<void>;
  /** The key starts anew. */
  clear(key: string): Promise<void>;
}

export interface BudgetOptions {
  /** Distinguishes the counters of one budget from those of the others. */
  readonly keyPrefix: string;
  /** How many there may be in a window. */
  readonly points: number;
  readonly windowSeconds: number;
  /** When all are taken, there may still be one in so many seconds; absent: none before the window ends. */
  readonly trickleSeconds?: number;
  /** What is told when all are taken, and by which code; `rate_limited` where nothing is said. */
  readonly message: string;
  readonly code?: 'daily_quota_exceeded';
}

export function createBudget(limiters: Limiters, options: BudgetOptions): Budget {
  const { keyPrefix, points, windowSeconds, trickleSeconds, message, code } = options;
  const window = limiters({ keyPrefix: `${keyPrefix}-window`, points, duration: windowSeconds });
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
        const refusal = tooMany(error, message, code);
        await giveBack(key); // only what is let through counts
        throw refusal;
      }
    },
    async clear(key) {
      await window.delete(key);
      await trickle?.delete(key);
    },
  };
}
