import { DomainError } from '../errors.ts';
import { createBudget } from './budget.ts';
import type { Limiters } from './limiters.ts';
import { reservePlaces } from './reservation.ts';
import type { PasswordAttempt } from './sign-in-limits.ts';

const hour = 3600;

/** Refused sign-ins that are recorded in an hour: of one address, from one network, and through one key that does not say from where. */
const recorded = { perAddress: 20, perNetwork: 60, perApiKey: 1000 };

/** Which refused sign-ins are recorded: whoever has no credentials could fill the table of events with them. */
export interface RefusalLimits {
  /** Counts one; false where enough were recorded. It is the same for an address that nobody has. */
  mayRecord(attempt: Pick<PasswordAttempt, 'address' | 'network' | 'apiKeyId'>): Promise<boolean>;
}

export function createRefusalLimits(limiters: Limiters): RefusalLimits {
  const create = (keyPrefix: string, points: number) =>
    createBudget(limiters, { keyPrefix, points, windowSeconds: hour, message: 'Enough were recorded.' });
  const addresses = create('refusals-address', recorded.perAddress);
  const networks = create('refusals-network', recorded.perNetwork);
  const apiKeys = create('refusals-key', recorded.perApiKey);

  return {
    async mayRecord({ address, network, apiKeyId }) {
      const caller = network !== null ? { budget: networks, key: network } : { budget: apiKeys, key: apiKeyId ?? '' };
      try {
        await reservePlaces([caller, ...(address ? [{ budget: addresses, key: address }] : [])]);
        return true;
      } catch (error) {
        if (error instanceof DomainError && error.code === 'rate_limited') return false;
        throw error;
      }
    },
  };
}
