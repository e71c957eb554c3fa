import type { Config } from '../config/settings.ts';
import { networkOf } from '../principal/network.ts';
import { type Limiters, tooMany } from './limiters.ts';

/** What all sessions of a user have together, of what one has: whoever has stolen one leaves two thirds to those of its owner. */
const sessionsPerUser = 3;

/** A minute begins with the first request in it. */
const windowSeconds = 60;

/** Counts a request; throws `rate_limited` with the seconds to wait. Null where there is no limit. */
type Count = ((key: string) => Promise<void>) | null;

/** How often somebody may ask, whatever they ask. */
export interface RateLimits {
  readonly countAddress: Count;
  /** Counts a request by its session, or a refresh of one. */
  readonly countSession: Count;
  /** Counts a request of a user, whichever session it belongs to. */
  readonly countUser: Count;
  readonly countApiKey: Count;
  /** Counts a sign-in that succeeds, by the address of the user. */
  readonly countSignIn: Count;
}

export function createRateLimits(config: Config, limiters: Limiters): RateLimits {
  const create = (keyPrefix: string, points: number, what: string): Count => {
    if (points === 0) return null;
    const limiter = limiters({ keyPrefix, points, duration: windowSeconds, remember: true });
    return async (key) => {
      try {
        await limiter.consume(key);
      } catch (error) {
        throw tooMany(error, `Too many ${what}: ${points} a minute are allowed.`);
      }
    };
  };
  const byNetwork = (count: Count): Count => count && ((address) => count(networkOf(address)));
  return {
    countAddress: byNetwork(create('requests-address', config.RATE_LIMIT_PER_ADDRESS, 'requests from this address')),
    countSession: create('requests-session', config.RATE_LIMIT_PER_USER, 'requests of this session'),
    countUser: create('requests-user', sessionsPerUser * config.RATE_LIMIT_PER_USER, 'requests of this user'),
    countApiKey: create('requests-key', config.RATE_LIMIT_PER_API_KEY, 'requests with this API key'),
    countSignIn: byNetwork(create('sign-ins-address', config.SIGN_INS_PER_ADDRESS, 'sign-ins from this address')),
  };
}
