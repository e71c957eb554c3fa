import type { Config } from '../config.ts';
import { type Limiters, tooMany } from './limiters.ts';
import { networkOf } from './network.ts';

/** A minute begins with the first request in it. */
const windowSeconds = 60;

/** Counts a request; throws `rate_limited` with the seconds to wait. Null where there is no limit. */
type Count = ((key: string) => Promise<void>) | null;

/** How often somebody may ask, whatever they ask. */
export interface RateLimits {
  readonly countAddress: Count;
  readonly countUser: Count;
  readonly countApiKey: Count;
}

export function createRateLimits(config: Config, limiters: Limiters): RateLimits {
  const create = (keyPrefix: string, points: number, whose: string): Count => {
    if (points === 0) return null;
    const limiter = limiters({ keyPrefix, points, duration: windowSeconds, remember: true });
    return async (key) => {
      try {
        await limiter.consume(key);
      } catch (refusal) {
        throw tooMany(refusal, `Too many requests ${whose}: ${points} a minute are allowed.`);
      }
    };
  };
  const countNetwork = create('requests-address', config.RATE_LIMIT_PER_ADDRESS, 'from this address');
  return {
    countAddress: countNetwork && ((address) => countNetwork(networkOf(address))),
    countUser: create('requests-user', config.RATE_LIMIT_PER_USER, 'of this user'),
    countApiKey: create('requests-key', config.RATE_LIMIT_PER_API_KEY, 'with this API key'),
  };
}
