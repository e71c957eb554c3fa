import { type Budget, createBudget } from './budget.ts';
import type { Limiters } from './limiters.ts';
import { type Place, type Reservation, reservePlaces } from './reservation.ts';

/**
 * Who asks for something to be sent: the user, as far as can be told (signed in, with the right password, or from a network that
 * has signed in as them); a backend that does not say for whom; or anybody.
 */
export type Requester = 'owner' | 'backend' | 'stranger';

/** A code or a link that is to be sent. */
export interface Send {
  readonly purpose: string;
  readonly requester: Requester;
  /** Whose it is; null where that is not known yet, or nobody. */
  readonly userId: string | null;
  /**
   * The canonical form of where it goes; null where that was counted when it was asked for. What came too soon was refused there:
   * two that were asked for in time are both sent, though a job that waited comes close to the next.
   */
  readonly address: string | null;
  /** The network of whoever asks for it without an API key. */
  readonly network: string | null;
}

export interface SendLimits {
  /** Takes a place for what is to be sent; throws `daily_quota_exceeded` with the seconds to wait. */
  reserve(send: Send): Promise<Reservation>;
}

const hour = 3600;

/**
 * What is sent to one address, and to one user, for one purpose: so many in so many seconds. The longest is the last. Each kind of
 * requester has these for itself, or whoever knows an address could keep its owner from asking.
 */
const perMailbox = [
  [1, 30],
  [3, 60],
  [10, hour],
] as const;
const perCallerAndHour = 100;

/** Of the mails that a user may be sent in an hour, for all purposes together, how many these may have asked for. */
const sharesOfMailbox = {
  everybody: 30,
  /** The rest is the owner's. */
  allButOwner: 20,
  /** The rest is that of backends. At least two are links to set a password, for those who use up ten of another purpose. */
  strangers: 12,
} as const;

const sharesOf = {
  owner: ['everybody'],
  backend: ['everybody', 'allButOwner'],
  stranger: ['everybody', 'allButOwner', 'strangers'],
} as const satisfies Record<Requester, readonly (keyof typeof sharesOfMailbox)[]>;

/** Limits what is sent, so that nobody's mailbox is filled by whoever knows the address, and nobody's share is used up so. */
export function createSendLimits(limiters: Limiters): SendLimits {
  const create = (keyPrefix: string, points: number, windowSeconds: number, message = 'Too many of these were sent.') =>
    createBudget(limiters, { keyPrefix, points, windowSeconds, message, code: 'daily_quota_exceeded' });
  const mailboxes = perMailbox.map(([points, seconds]) => create(`sends-${seconds}`, points, seconds));
  const callers = create('sends-caller', perCallerAndHour, hour, 'Too many were asked for from here.');
  const share = (name: keyof typeof sharesOfMailbox) =>
    create(`sends-${name}`, sharesOfMailbox[name], hour, 'Too many mails were sent to this user.');
  const shares = {
    everybody: share('everybody'),
    allButOwner: share('allButOwner'),
    strangers: share('strangers'),
  };

  return {
    reserve({ purpose, requester, userId, address, network }) {
      const placesOf = (subject: string, budgets: readonly Budget[]): Place[] =>
        budgets.map((budget) => ({ budget, key: `${requester} ${purpose} ${subject}` }));
      const places = [
        ...(address !== null ? placesOf(`address ${address}`, mailboxes) : []),
        ...(userId !== null ? placesOf(`user ${userId}`, address !== null ? mailboxes : mailboxes.slice(-1)) : []),
      ];
      if (network !== null) places.unshift({ budget: callers, key: network });
      const mailbox = userId !== null ? `user ${userId}` : `address ${address}`;
      places.push(...sharesOf[requester].map((name) => ({ budget: shares[name], key: mailbox })));
      return reservePlaces(places);
    },
  };
}
