import type { DueDelivery } from '../db/database.ts';
import { groupBy } from './group-by.ts';

/** So many deliveries are sent to one endpoint at once, by all processes together. */
export const maxPerEndpoint = 4;
/** So many are sent by one process at once. */
export const maxPerProcess = 32;
/** Of those, so many at most to endpoints that are slow, or away; and so many to them and those that nobody knows yet. */
export const maxToSlow = 16;
export const maxToUnproven = 24;

/**
 * What the latest delivery of this process to an endpoint says of it. Whoever is not known yet is sent one first. So, however
 * many are slow or away, there is room for the others.
 */
export type Standing = 'quick' | 'slow' | 'unknown';

/** How many more a process can send: in all, to endpoints that are slow, and to those that are not known to be quick. */
export interface Room {
  readonly total: number;
  readonly slow: number;
  readonly unproven: number;
}

interface Given {
  readonly room: Room;
  readonly standingOf: (endpointId: string) => Standing;
  readonly now: Date;
}

/**
 * Which of the deliveries that are due, given in their order, are sent now. What is about one user goes to one endpoint one
 * after the other; endpoints have their turns, so that the first does not take all the room.
 */
export function chooseDeliveries(due: readonly DueDelivery[], { room, standingOf, now }: Given): DueDelivery[] {
  const queues = [...groupBy(due, ({ endpointId }) => endpointId)].map(([endpointId, deliveries]) => {
    const standing = standingOf(endpointId);
    return { standing, next: sendable(deliveries, standing === 'unknown' ? 1 : maxPerEndpoint, now) };
  });
  const chosen: DueDelivery[] = [];
  const left = { ...room };
  for (let turn = 0; turn < maxPerEndpoint; turn += 1) {
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

/** Of one endpoint: those that can be sent beside what is being sent to it. */
function sendable(deliveries: readonly DueDelivery[], limit: number, now: Date): DueDelivery[] {
  const isSent = ({ leasedUntil }: DueDelivery) => leasedUntil !== null && leasedUntil > now;
  const users = new Set(deliveries.filter(isSent).map(({ userId }) => userId));
  const room = limit - deliveries.filter(isSent).length;
  const free: DueDelivery[] = [];
  for (const delivery of deliveries) {
    const { userId } = delivery;
    if (isSent(delivery) || free.length >= room || (userId !== null && users.has(userId))) continue;
    users.add(userId);
    free.push(delivery);
  }
  return free;
}
