import type { Config } from '../config/settings.ts';
import { createFailureLimiter, type FailureLimiter } from './failure-limiter.ts';
import type { Limiters } from './limiters.ts';

/** Somebody tries a password. What is null is not known, or does not apply. */
export interface PasswordAttempt {
  /** The canonical address whose password it is. Null: none that anybody could have. */
  readonly address: string | null;
  /** The network of whoever tries. A backend may know it, and not say. */
  readonly network: string | null;
  /** The backend that asks for them. */
  readonly apiKeyId: string | null;
  /** Whoever is signed in, and proves it once more: their session. */
  readonly sessionId: string | null;
}

/** The places that an attempt has taken. Both methods may be called in any order; only the first call counts. */
export interface Reservation {
  /** The password was right: it counts nowhere, and whoever tried starts anew at this address. */
  succeed(): Promise<void>;
  /** The password was not compared, so the attempt counts nowhere. */
  giveBack(): Promise<void>;
}

export interface SignInLimits {
  /**
   * Takes a place for an attempt, before its password is compared; throws `rate_limited` with the seconds to wait.
   * `isKnown` tells whether the network has signed in as the user of this address before.
   */
  reserve(attempt: PasswordAttempt, isKnown: () => Promise<boolean>): Promise<Reservation>;
}

const tenMinutes = 600;
const hour = 3600;

interface Place {
  readonly limiter: FailureLimiter;
  readonly key: string;
  /** A right password clears it, where it belongs to whoever knows that password. */
  readonly isOwn?: boolean;
}

/**
 * Limits wrong passwords so that the limit hits whoever guesses. At one address each network has a budget of its own. All
 * networks together have another, so that many of them do not get many times as much; networks that the user has signed in
 * from are let through there, or strangers could use up what is the user's. Whoever is signed in is counted by their session.
 */
export function createSignInLimits(config: Config, limiters: Limiters): SignInLimits {
  const create = (keyPrefix: string, failures: number, windowSeconds: number, trickleSeconds?: number) =>
    createFailureLimiter(limiters, { keyPrefix, failures, windowSeconds, ...(trickleSeconds && { trickleSeconds }) });

  const perNetwork = create('network', config.SIGN_IN_FAILURES_PER_CALLER, tenMinutes, 1);
  const perApiKey =
    config.SIGN_IN_FAILURES_PER_API_KEY > 0
      ? create('api-key', config.SIGN_IN_FAILURES_PER_API_KEY, tenMinutes, 1)
      : null;
  const perAddressAndNetwork = create('address-network', config.SIGN_IN_FAILURES_PER_ADDRESS, tenMinutes, 300);
  const perSession = create('session', config.SIGN_IN_FAILURES_PER_ADDRESS, tenMinutes, 300);
  const byStrangers = create('address', config.SIGN_IN_FAILURES_PER_ADDRESS_FROM_STRANGERS, hour);

  function placesOf({ address, network, apiKeyId, sessionId }: PasswordAttempt): Place[] {
    const places: Place[] = [];
    if (network !== null) places.push({ limiter: perNetwork, key: network });
    if (apiKeyId !== null && perApiKey) places.push({ limiter: perApiKey, key: apiKeyId });
    if (sessionId !== null) places.push({ limiter: perSession, key: sessionId, isOwn: true });
    else if (address !== null && network !== null) {
      places.push({ limiter: perAddressAndNetwork, key: `${network} ${address}`, isOwn: true });
    }
    return places;
  }

  async function takeAll(places: readonly Place[], taken: Place[]): Promise<void> {
    for (const place of places) {
      await place.limiter.take(place.key);
      taken.push(place);
    }
  }

  async function takeAsStranger(
    { address, network, sessionId }: PasswordAttempt,
    isKnown: () => Promise<boolean>,
    taken: Place[],
  ): Promise<void> {
    if (address === null || sessionId !== null) return;
    try {
      await takeAll([{ limiter: byStrangers, key: address }], taken);
    } catch (error) {
      if (network === null || !(await isKnown())) throw error;
    }
  }

  return {
    async reserve(attempt, isKnown) {
      const taken: Place[] = [];
      try {
        await takeAll(placesOf(attempt), taken);
        await takeAsStranger(attempt, isKnown, taken);
      } catch (error) {
        await giveBackAll(taken);
        throw error;
      }
      return createReservation(taken);
    },
  };
}

function createReservation(taken: readonly Place[]): Reservation {
  let isSettled = false;
  const settle = async (release: () => Promise<void>) => {
    if (isSettled) return;
    isSettled = true;
    await release();
  };
  return {
    succeed: () =>
      settle(async () => {
        await Promise.all(taken.map(({ limiter, key, isOwn }) => (isOwn ? limiter.clear(key) : limiter.giveBack(key))));
      }),
    giveBack: () => settle(() => giveBackAll(taken)),
  };
}

async function giveBackAll(places: readonly Place[]): Promise<void> {
  await Promise.all(places.map(({ limiter, key }) => limiter.giveBack(key)));
}
