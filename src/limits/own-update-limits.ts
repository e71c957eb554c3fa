import type { TokenHolder } from '../principal/principal.ts';
import { type Count, createHolderCount } from './count.ts';
import type { Limiters } from './limiters.ts';

/** Each one that changes something is an event, and is told to every webhook endpoint. Nobody edits a profile so often. */
const perSession = { points: 300, windowSeconds: 600 };

/** How often users may update themselves, so that they do not fill the store with what is recorded of it. */
export interface OwnUpdateLimits {
  /** Counts one, also one that changes nothing; throws `rate_limited` with the seconds to wait when there were too many. */
  readonly assertAllowed: Count<TokenHolder>;
}

export function createOwnUpdateLimits(limiters: Limiters): OwnUpdateLimits {
  const message = () => 'Too many updates.';
  return { assertAllowed: createHolderCount(limiters, { keyPrefix: 'own-updates', ...perSession, message }) };
}
