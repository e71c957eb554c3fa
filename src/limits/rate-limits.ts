import type { Config } from '../config/settings.ts';
import { networkOf } from '../principal/network.ts';
import type { TokenHolder } from '../principal/principal.ts';
import { type Count, createCount, createHolderCount } from './count.ts';
import type { Limiters } from './limiters.ts';

const windowSeconds = 60;

/** How often somebody may ask, whatever they ask. Null where there is no limit. */
export interface RateLimits {
  readonly countAddress: Count | null;
  /** Counts a request of a user, by their session first. */
  readonly countHolder: Count<TokenHolder> | null;
  /** Counts a refresh, by the session. */
  readonly countRefresh: Count | null;
  readonly countApiKey: Count | null;
  /** Counts a sign-in that succeeds, by the address of the user. */
  readonly countSignIn: Count | null;
}

export function createRateLimits(config: Config, limiters: Limiters): RateLimits {
  const told = (what: string, points: number) => `Too many ${what}: ${points} a minute are allowed.`;
  const create = (keyPrefix: string, points: number, what: string): Count | null =>
    points > 0 ? createCount(limiters, { keyPrefix, points, windowSeconds, message: told(what, points) }) : null;
  const byNetwork = (count: Count | null): Count | null => count && ((address) => count(networkOf(address)));
  const holders = {
    keyPrefix: 'requests',
    points: config.RATE_LIMIT_PER_USER,
    windowSeconds,
    message: (whose: string, points: number) => told(`requests of this ${whose}`, points),
  };
  return {
    countAddress: byNetwork(create('requests-address', config.RATE_LIMIT_PER_ADDRESS, 'requests from this address')),
    countHolder: holders.points > 0 ? createHolderCount(limiters, holders) : null,
    countRefresh: create('refreshes-session', config.RATE_LIMIT_PER_USER, 'refreshes of this session'),
    countApiKey: create('requests-key', config.RATE_LIMIT_PER_API_KEY, 'requests with this API key'),
    countSignIn: byNetwork(create('sign-ins-address', config.SIGN_INS_PER_ADDRESS, 'sign-ins from this address')),
  };
}
