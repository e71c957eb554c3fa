import { type Budget, createBudget } from './budget.ts';
import type { Limiters } from './limiters.ts';
import { type Place, type Reservation, reservePlaces } from './reservation.ts';

/** A code or a link that is to be sent. */
export interface Send {
  readonly purpose: string;
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

/** What is sent to one address, and to one user, for one purpose: so many in so many seconds. The longest is the last. */
const perMailbox = [
  [1, 30],
  [3, 60],
  [10, hour],
] as const;
const perCallerAndHour = 100;
const perUserAndHour = 30;

/** Limits what is sent, so that nobody's mailbox is filled by whoever knows the address. */
export function createSendLimits(limiters: Limiters): SendLimits {
  const create = (keyPrefix: string, points: number, windowSeconds: number, message = 'Too many of these were sent.') =>
    createBudget(limiters, { keyPrefix, points, windowSeconds, message, code: 'daily_quota_exceeded' });
  const mailboxes = perMailbox.map(([points, seconds]) => create(`sends-${seconds}`, points, seconds));
  const callers = create('sends-caller', perCallerAndHour, hour, 'Too many were asked for from here.');
  const users = create('sends-user', perUserAndHour, hour, 'Too many mails were sent to this user.');

  return {
    reserve({ purpose, userId, address, network }) {
      const placesOf = (subject: string, budgets: readonly Budget[]): Place[] =>
        budgets.map((budget) => ({ budget, key: `${purpose} ${subject}` }));
      const places = [
        ...(address !== null ? placesOf(`address ${address}`, mailboxes) : []),
        ...(userId !== null ? placesOf(`user ${userId}`, address !== null ? mailboxes : mailboxes.slice(-1)) : []),
      ];
      if (network !== null) places.unshift({ budget: callers, key: network });
      if (userId !== null) places.push({ budget: users, key: userId });
      return reservePlaces(places);
    },
  };
}
