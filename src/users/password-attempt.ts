import type { App } from '../app.ts';
import { DomainError } from '../errors.ts';

/**
 * Checks a password as one attempt at this address by this caller: throws `rate_limited` when there were too many, and counts
 * only when it came to a verdict.
 */
export async function asAttempt<T>(app: App, address: string, callerId: string, check: () => Promise<T>): Promise<T> {
  await app.signInLimits.assertAllowed(address, callerId);
  try {
    return await check();
  } catch (error) {
    if (!isVerdict(error)) await app.signInLimits.giveBack(address, callerId);
    throw error;
  }
}

/** Whether the password was looked at; it is not where the hashing queue is full or the database away. */
function isVerdict(error: unknown): boolean {
  return error instanceof DomainError && !['rate_limited', 'service_unavailable'].includes(error.code);
}
