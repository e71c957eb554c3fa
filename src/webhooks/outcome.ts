import type { DueDelivery, SettledDelivery } from '../db/database.ts';
import { delayAfter } from './schedule.ts';
import type { Attempted } from './sender.ts';

/** How an attempt ended. `released`: it was not made, or nobody waited for its end; it does not count. */
export type Ended =
  | { readonly kind: 'attempted'; readonly attempted: Attempted }
  | { readonly kind: 'expired' }
  | { readonly kind: 'released' };

/** A delivery that this process has taken; `attempt` counts the one that it was taken for. */
export type Taken = Pick<DueDelivery, 'id' | 'attempt' | 'dueAt' | 'body'> & { readonly lease: string };

/** What has a text of its own is a test: of every other, that is with its event. */
export function isTest({ body }: Pick<DueDelivery, 'body'>): boolean {
  return body !== null;
}

export function isDelivered({ status }: Attempted): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** The receiver says that it is gone for good (RFC 9110, 15.5.11). */
export function isGone({ status }: Attempted): boolean {
  return status === 410;
}

/** Those who say when to come again. */
const mayAskForPause = [429, 503];

/** What is stored of a delivery after an attempt. Somebody waits for the outcome of a test, so that is sent once. */
export function settle(taken: Taken, ended: Ended, now: Date): SettledDelivery {
  const { id, lease, attempt, dueAt } = taken;
  const row = { id, lease, attempt, leasedUntil: null, lastStatus: null, lastError: null, answer: null };
  const pending = { ...row, state: 'pending', finishedAt: null };
  const finished = { ...row, dueAt: null, finishedAt: now };
  if (ended.kind === 'released') return { ...pending, attempt: attempt - 1, dueAt };
  if (ended.kind === 'expired') return { ...finished, state: 'cancelled', lastError: 'The event is no longer kept.' };
  const { status, reason, answer, retryAfterMs } = ended.attempted;
  const said = { lastStatus: status, lastError: reason, answer };
  if (isDelivered(ended.attempted)) return { ...finished, ...said, state: 'delivered' };
  const pauseMs = status !== null && mayAskForPause.includes(status) ? retryAfterMs : null;
  const delayMs = isGone(ended.attempted) || isTest(taken) ? null : delayAfter(attempt, pauseMs);
  if (delayMs === null) return { ...finished, ...said, state: 'failed' };
  return { ...pending, ...said, dueAt: new Date(now.getTime() + delayMs) };
}
