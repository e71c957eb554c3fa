import { randomBytes } from 'node:crypto';
import { argon2idCost } from './hashes/argon2.ts';
import type { Argon2Cost } from './hashes/argon2-digest.ts';
import { argon2HashCost, hashPassword } from './hashes/argon2id.ts';
import { type HashCost, isCostlier } from './hashes/hash-cost.ts';
import { storedAlgorithms } from './stored-algorithms.ts';
import type { StoredPassword } from './stored-password.ts';

/** Whether this is the password; a row whose type, form or costs would be refused at import matches nothing. */
export async function verifyPassword(password: string, stored: StoredPassword): Promise<boolean> {
  // In UTF-8 every unpaired surrogate becomes the same U+FFFD: such a password would match others that were never set.
  if (/\p{Surrogate}/u.test(password) || !Object.hasOwn(storedAlgorithms, stored.type)) return false;
  return storedAlgorithms[stored.type].verify(password, stored);
}

/** Whether a stored hash takes more to verify than one of our own at this cost does. */
export function isCostly(stored: StoredPassword, cost: Argon2Cost): boolean {
  const present = costOf(stored);
  return present !== null && isCostlier(present, argon2HashCost(cost));
}

/** Whether a wrong password is known sooner than by a hash of our own at this cost. */
export function isQuick(stored: StoredPassword, cost: Argon2Cost): boolean {
  const present = costOf(stored);
  return present === null || present.timeMs < argon2HashCost(cost).timeMs;
}

function costOf({ type, hash }: StoredPassword): HashCost | null {
  return Object.hasOwn(storedAlgorithms, type) ? storedAlgorithms[type].cost(hash) : null;
}

/** Whether a hash that just matched should be replaced: any but argon2id with at least today's cost. */
export function needsRehash(stored: StoredPassword, cost: Argon2Cost): boolean {
  const present = stored.type === 'argon2' ? argon2idCost(stored.hash) : null;
  return (
    present === null ||
    present.memoryKiB < cost.memoryKiB ||
    present.timeCost < cost.timeCost ||
    present.parallelism < cost.parallelism
  );
}

const decoys = new Map<string, Promise<StoredPassword>>();

/** A hash that nobody's password matches, made once per cost: verifying it takes as long as verifying a user's. */
export function decoyHash(cost: Argon2Cost): Promise<StoredPassword> {
  const key = `${cost.memoryKiB},${cost.timeCost},${cost.parallelism}`;
  const known = decoys.get(key);
  if (known !== undefined) return known;
  const made = hashPassword(randomBytes(32).toString('base64'), cost);
  decoys.set(key, made);
  made.catch(() => decoys.delete(key));
  return made;
}
