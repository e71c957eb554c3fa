import type { DueDelivery } from '../db/database.ts';
import { groupBy } from './group-by.ts';

/** So many deliveries are sent to one endpoint at once, by all processes together. */
export const maxPerEndpoint = 4;
/** So many are sent by one process at once. */
export const maxPerProcess = 32;
/**
 * So many does a process take for a quick endpoint, and in all, so that the next ones are at hand when some have ended: each
 * look at the table is a transaction.
 */
export const maxTakenPerEndpoint = 16;
export const maxTaken = 128;
/** Of those, so many at most for endpoints that are slow, or away; and so many for them and those that nobody knows yet. */
export const maxToSlow = 16;
export const maxToUnproven = 24;

/**
 * What the latest delivery of this process to an endpoint says of it. Whoever is not known yet is sent one first. So, however
 * many are slow or away, there is room for the others.
 */
export type Standing = 'quick' | 'slow' | 'unknown';

/** How many more a process can take: in all, to endpoints that are slow, and to those that are not known to be quick. */
export interface Room {
  readonly total: number;
  readonly slow: number;
  readonly unproven: number;
}

/** How many are taken at once for an endpoint. Nothing waits in a process for one that may hold it up. */
const limitOf: Readonly<Record<Standing, number>> = { quick: maxTakenPerEndpoint, slow: maxPerEndpoint, unknown: 1 };

interface Given {
  readonly room: Room;
  readonly standingOf: (endpointId: string) => Standing;
  /** Whether this process has a delivery, though its lease may be over: it stood still, or its clock was set forward. */
  readonly isUnderWay: (id: string) => boolean;
  readonly now: Date;
}

/**
 * Which of the deliveries that are due, given in their order, are taken now. What is about one user goes to one endpoint one
 * after the other; endpoints have their turns, so that the first does not take all the room.
 */
export function chooseDeliveries(
  due: readonly DueDelivery[],
  { room, standingOf, isUnderWay, now }: Given,
): DueDelivery[] {
  const isTaken = ({ id, leasedUntil }: DueDelivery) => (leasedUntil !== null && leasedUntil > now) || isUnderWay(id);
  const queues = [...groupBy(due, ({ endpointId }) => endpointId)].map(([endpointId, deliveries]) => {
    const standing = standingOf(endpointId);
    return { standing, next: sendable(deliveries, limitOf[standing], isTaken) };
  });
  const chosen: DueDelivery[] = [];
  const left = { ...room };
  for (let turn = 0; turn < maxTakenPerEndpoint; turn += 1) {
    for (const { standing, next } of queues) {
      const delivery = next[turn];
      if (!delivery || left.total <= 0 || (standing !== 'quick' && left.unproven <= 0)) continue;
      if (standing === 'slow' && left.slow <= 0) continue;
      left.total -= 1;
      if (standing !== 'quick') left.unproven -= 1;
      if (standing === 'slow') left.slow -= 1;
      chosen.push(delivery);
    }
  }
  return chosen;
}

/** Of one endpoint: those that can be taken beside what is taken already, by whichever process. */
function sendable(
  deliveries: readonly DueDelivery[],
  limit: number,
  isTaken: (delivery: DueDelivery) => boolean,
): DueDelivery[] {
  const users = new Set(deliveries.filter(isTaken).map(({ userId }) => userId));
  const room = limit - deliveries.filter(isTaken).length;
  const free: DueDelivery[] = [];
  for (const delivery of deliveries) {
    const { userId } = delivery;
    if (isTaken(delivery) || free.length >= room || (userId !== null && users.has(userId))) continue;
    users.add(userId);
    free.push(delivery);
  }
  return free;
}
