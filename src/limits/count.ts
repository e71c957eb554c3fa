import { countedSessionOf, type TokenHolder } from '../principal/principal.ts';
import { type Limiters, tooMany } from './limiters.ts';

/** Counts one; throws `rate_limited` with the seconds to wait when there were too many. */
export type Count<Of = string> = (of: Of) => Promise<void>;

export interface CountOptions {
  /** Distinguishes the counters of one count from those of the others. */
  readonly keyPrefix: string;
  readonly points: number;
  /** A window begins with the first that is counted in it. */
  readonly windowSeconds: number;
  /** What is told when there were too many. */
  readonly message: string;
}

/** Counts by a key. Nothing is given back, so whoever is over the limit is remembered until the window ends. */
export function createCount(limiters: Limiters, { windowSeconds, message, ...options }: CountOptions): Count {
  const limiter = limiters({ ...options, duration: windowSeconds, remember: true });
  return async (key) => {
    try {
      await limiter.consume(key);
    } catch (error) {
      throw tooMany(error, message);
    }
  };
}

/** What all sessions of a user have together, of what one has: whoever has stolen one leaves two thirds to those of its owner. */
const sessionsPerUser = 3;

interface HolderCountOptions extends Omit<CountOptions, 'message'> {
  /** What is told when there were too many of one session, or of all sessions of its user. */
  message(whose: 'session' | 'user', points: number): string;
}

/** Counts by the session, and then by its user: what is refused there is not the user's. */
export function createHolderCount(limiters: Limiters, options: HolderCountOptions): Count<TokenHolder> {
  const countOf = (whose: 'session' | 'user', points: number) =>
    createCount(limiters, {
      ...options,
      keyPrefix: `${options.keyPrefix}-${whose}`,
      points,
      message: options.message(whose, points),
    });
  const [countSession, countUser] = [
    countOf('session', options.points),
    countOf('user', sessionsPerUser * options.points),
  ];
  return async (holder) => {
    await countSession(countedSessionOf(holder));
    await countUser(holder.userId);
  };
}
