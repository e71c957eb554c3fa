import type { Config } from '../config/settings.ts';
import { createBudget } from './budget.ts';
import type { Limiters } from './limiters.ts';
import { type Place, type Reservation, reservePlaces } from './reservation.ts';

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

/** Somebody tries a code that was mailed. */
export interface CodeAttempt {
  /** Whose code it is: the id of the user, or the address of nobody. */
  readonly subject: string;
  readonly network: string | null;
  readonly apiKeyId: string | null;
  /** Whoever tries is signed in as this user, or has given the right password. */
  readonly isProven: boolean;
}

export interface SignInLimits {
  /**
   * Takes a place for an attempt, before its password is compared; throws `rate_limited` with the seconds to wait.
   * `isKnown` tells whether the network has signed in as the user of this address before.
   */
  reserve(attempt: PasswordAttempt, isKnown: () => Promise<boolean>): Promise<Reservation>;
  /** The same for a code. Another code does not give more tries: only a right one and time do. */
  reserveCode(attempt: CodeAttempt, isKnown: boolean): Promise<Reservation>;
}

const tenMinutes = 600;
const hour = 3600;
const day = 24 * hour;

/**
 * Wrong codes of one user, of all purposes: from one network, and from all those that have not signed in as this user. Of the latter,
 * some are left to whoever has proven otherwise who they are.
 */
const wrongCodes = { perHour: 10, perDay: 20, elsewherePerDay: 100, byStrangersPerDay: 80 };

/** How many wrong passwords and codes there may be, and from whom. */
function createBudgets(config: Config, limiters: Limiters) {
  const passwords = (keyPrefix: string, points: number, windowSeconds: number, trickleSeconds?: number) =>
    createBudget(limiters, {
      keyPrefix,
      points,
      windowSeconds,
      ...(trickleSeconds && { trickleSeconds }),
      message: 'Too many wrong passwords.',
    });
  const codes = (keyPrefix: string, points: number, windowSeconds: number) =>
    createBudget(limiters, { keyPrefix, points, windowSeconds, message: 'Too many wrong codes.' });
  const { SIGN_IN_FAILURES_PER_API_KEY: perApiKey } = config;

  return {
    perNetwork: passwords('network', config.SIGN_IN_FAILURES_PER_CALLER, tenMinutes, 1),
    perApiKey: perApiKey > 0 ? passwords('api-key', perApiKey, tenMinutes, 1) : null,
    perAddressAndNetwork: passwords('address-network', config.SIGN_IN_FAILURES_PER_ADDRESS, tenMinutes, 300),
    perSession: passwords('session', config.SIGN_IN_FAILURES_PER_ADDRESS, tenMinutes, 300),
    byStrangers: passwords('address', config.SIGN_IN_FAILURES_PER_ADDRESS_FROM_STRANGERS, hour),
    codesPerHour: codes('codes-hour', wrongCodes.perHour, hour),
    codesPerDay: codes('codes-day', wrongCodes.perDay, day),
    codesElsewhere: codes('codes-elsewhere', wrongCodes.elsewherePerDay, day),
    codesByStrangers: codes('codes-strangers', wrongCodes.byStrangersPerDay, day),
  };
}

type Budgets = ReturnType<typeof createBudgets>;

/**
 * Limits wrong passwords and codes so that the limit hits whoever guesses. At one address each network has a budget of its own.
 * All networks together have another, so that many of them do not get many times as much; networks that the user has signed in
 * from are let through there, or strangers could use up what is the user's. Whoever is signed in is counted by their session.
 */
export function createSignInLimits(config: Config, limiters: Limiters): SignInLimits {
  const budgets = createBudgets(config, limiters);

  return {
    async reserve(attempt, isKnown) {
      const { address, network, sessionId } = attempt;
      const places = placesOfCaller(budgets, attempt);
      if (sessionId !== null)
        return reservePlaces([...places, { budget: budgets.perSession, key: sessionId, isOwn: true }]);
      if (address === null) return reservePlaces(places);
      if (network !== null) {
        places.push({ budget: budgets.perAddressAndNetwork, key: `${network} ${address}`, isOwn: true });
      }
      const place = { budget: budgets.byStrangers, key: address };
      return reservePlaces(places, { places: [place], isKnown: async () => network !== null && (await isKnown()) });
    },
    async reserveCode(attempt, isKnown) {
      const { subject, network, apiKeyId, isProven } = attempt;
      const key = `${network ?? apiKeyId ?? ''} ${subject}`;
      const own = [budgets.codesPerHour, budgets.codesPerDay].map((budget) => ({ budget, key, isOwn: true }));
      const elsewhere = [budgets.codesElsewhere, ...(isProven ? [] : [budgets.codesByStrangers])];
      return reservePlaces([...placesOfCaller(budgets, attempt), ...own], {
        places: elsewhere.map((budget) => ({ budget, key: subject })),
        isKnown: async () => isKnown,
      });
    },
  };
}

function placesOfCaller(
  { perNetwork, perApiKey }: Budgets,
  { network, apiKeyId }: Pick<PasswordAttempt, 'network' | 'apiKeyId'>,
): Place[] {
  return [
    ...(network !== null ? [{ budget: perNetwork, key: network }] : []),
    ...(apiKeyId !== null && perApiKey ? [{ budget: perApiKey, key: apiKeyId }] : []),
  ];
}
