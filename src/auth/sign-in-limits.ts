import { BurstyRateLimiter } from 'rate-limiter-flexible';
import type { Config } from '../config.ts';
import { type Limiters, tooMany } from './limiters.ts';

const windowSeconds = 600;

export interface SignInLimits {
  /** Counts an attempt; throws `rate_limited` with the seconds to wait when there were too many. */
  assertAllowed(address: string, callerId: string): Promise<void>;
  /** A right password: the address starts anew, and the attempt does not count against the caller. */
  clear(address: string, callerId: string): Promise<void>;
  /** An attempt whose password could not be checked counts against nobody. */
  giveBack(address: string, callerId: string): Promise<void>;
}

/**
 * Limits wrong passwords per address and per caller. Beyond the limit a slow trickle stays allowed, so that nobody can
 * lock the owner of an address out for good by guessing wrongly in their name.
 */
export function createSignInLimits(config: Config, limiters: Limiters): SignInLimits {
  const perAddress = createLimiter(limiters, 'address', config.SIGN_IN_FAILURES_PER_ADDRESS, 10);
  const perCaller = createLimiter(limiters, 'caller', config.SIGN_IN_FAILURES_PER_CALLER, 1);

  return {
    async assertAllowed(address, callerId) {
      await perCaller.consume(callerId);
      try {
        await perAddress.consume(address);
      } catch (refusal) {
        await perCaller.giveBack(callerId); // or whoever guesses at one address would use up what is for all
        throw refusal;
      }
    },
    async clear(address, callerId) {
      await perAddress.clear(address);
      await perCaller.giveBack(callerId);
    },
    async giveBack(address, callerId) {
      await perAddress.giveBack(address);
      await perCaller.giveBack(callerId);
    },
  };
}

function createLimiter(limiters: Limiters, keyPrefix: string, attempts: number, secondsPerTrickle: number) {
  const burst = limiters({ keyPrefix: `${keyPrefix}-burst`, points: attempts, duration: windowSeconds });
  const trickle = limiters({ keyPrefix, points: 1, duration: secondsPerTrickle });
  // The burst comes first: so it counts every attempt, and can give back exactly those.
  const limiter = new BurstyRateLimiter(burst, trickle);
  return {
    async consume(key: string): Promise<void> {
      try {
        await limiter.consume(key);
      } catch (refusal) {
        const error = tooMany(refusal, 'Too many wrong passwords.');
        await burst.reward(key); // only what is let through counts
        throw error;
      }
    },
    async clear(key: string): Promise<void> {
      await burst.delete(key);
      await trickle.delete(key);
    },
    async giveBack(key: string): Promise<void> {
      await burst.reward(key);
    },
  };
}
