import type { WebhookEndpoint } from '../db/database.ts';
import { isDelivered, isGone } from './outcome.ts';
import type { Attempted } from './sender.ts';

const hourMs = 3_600_000;

/** So many failures within a day, and no success, begin the time after which an endpoint is disabled. */
const severalFailures = 3;
const windowMs = 24 * hourMs;
const maxFailingMs = 5 * 24 * hourMs;

type Health = Pick<WebhookEndpoint, 'failingSince' | 'failures'>;

/** What changes of an endpoint. */
export type HealthChange = Health & { readonly disabledReason?: 'gone' | 'failing' };

/** What attempts, in the order in which they ended, change of an endpoint; null where nothing does. */
export function afterAttempts(before: Health, attempts: readonly Attempted[], now: Date): HealthChange | null {
  if (attempts.some(isGone))
    return { failingSince: before.failingSince, failures: before.failures, disabledReason: 'gone' };
  const after = attempts.reduce((health, attempted) => afterAttempt(health, attempted, now), before);
  const { failingSince, failures } = after;
  if (failures >= severalFailures && failingSince && now.getTime() - failingSince.getTime() >= maxFailingMs) {
    return { failingSince, failures, disabledReason: 'failing' };
  }
  const isSame = failures === before.failures && failingSince?.getTime() === before.failingSince?.getTime();
  return isSame ? null : { failingSince, failures };
}

function afterAttempt({ failingSince, failures }: Health, attempted: Attempted, now: Date): Health {
  if (isDelivered(attempted)) return { failingSince: null, failures: 0 };
  const isOld = failingSince !== null && now.getTime() - failingSince.getTime() > windowMs;
  if (failingSince === null || (isOld && failures < severalFailures)) return { failingSince: now, failures: 1 };
  return { failingSince, failures: Math.min(severalFailures, failures + 1) };
}
