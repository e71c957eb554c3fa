import type { EndedCodes, Transaction } from '../db/database.ts';
import { allPurposes, type CodePurpose } from './purposes.ts';

/** What makes codes and tokens of a user useless. */
export type Cause =
  | 'address changed'
  | 'password set'
  | 'address verified'
  | 'signed in by code'
  | 'made managed'
  | 'disarmed';

/**
 * What dies by what. Whatever was given out under an earlier address or password must not bring back whoever had it. What
 * only describes a user, such as names and metadata, ends nothing; deleting one removes all rows.
 */
export const dyingCodes: Readonly<Record<Cause, readonly CodePurpose[]>> = {
  'address changed': allPurposes,
  'password set': allPurposes.filter((purpose) => purpose !== 'email_verification'),
  'address verified': ['email_verification'],
  'signed in by code': ['email_verification', 'magic_auth'],
  'made managed': allPurposes,
  /** The owner of the mailbox has come, to an account that somebody else may have prepared. */
  disarmed: allPurposes,
};

/** The codes and tokens of a user that end by these causes; null where there is no cause. */
export function codesEndedBy(causes: readonly Cause[], userId: string, endedAt: Date): EndedCodes | null {
  if (causes.length === 0) return null;
  const purposes = new Set(causes.flatMap((cause) => dyingCodes[cause]));
  return { userId, purposes: [...purposes], endedAt };
}

/** Within the transaction of the cause: ends the codes and tokens of a user that die by it. */
export async function invalidateCodes(tx: Transaction, cause: Cause, userId: string, now: Date): Promise<void> {
  const ended = codesEndedBy([cause], userId, now);
  if (ended) await tx.statements.endCodes([ended]);
}
