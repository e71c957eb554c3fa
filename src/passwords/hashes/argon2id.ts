import { randomBytes } from 'node:crypto';
import { argon2Bounds, unitTimesMs } from '../bounds.ts';
import type { StoredPassword } from '../stored-password.ts';
import { type Argon2Cost, argon2Digest } from './argon2-digest.ts';
import type { HashCost } from './hash-cost.ts';
import { phcBase64 } from './phc-base64.ts';

/** OWASP's first choice (Password Storage Cheat Sheet). */
export const defaultArgon2Cost: Argon2Cost = { memoryKiB: 19_456, timeCost: 2, parallelism: 1 };

/** Lanes share the work, so they cost nothing more. */
export function argon2HashCost({ memoryKiB, timeCost }: Argon2Cost): HashCost {
  return { memoryKiB, timeMs: memoryKiB * timeCost * unitTimesMs.argon2 };
}

const saltBytes = 16; // RFC 9106 section 4: 128 bits of salt …
const tagBytes = 32; // … and 256 bits of tag

/** Throws RangeError for a cost whose hashes would be refused when they are verified. */
export function assertArgon2Cost({ memoryKiB, timeCost, parallelism }: Argon2Cost): void {
  for (const [name, value, { min, max }] of [
    ['memoryKiB', memoryKiB, argon2Bounds.m],
    ['timeCost', timeCost, argon2Bounds.t],
    ['parallelism', parallelism, argon2Bounds.p],
  ] as const) {
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`The argon2id ${name} has to be a whole number from ${min} to ${max}.`);
    }
  }
}

/**
 * A fresh argon2id hash of the password's exact UTF-8 bytes.
 *
 * No Unicode normalisation, although NIST SP 800-63B-4 section 3.1.1.2 suggests it: imported hashes were made without,
 * each is replaced by one of these at the next sign-in, and no rule then depends on which of the two a user has. What
 * was typed once is what matches, on every version of Unicode.
 */
export async function hashPassword(password: string, cost: Argon2Cost): Promise<StoredPassword> {
  assertArgon2Cost(cost);
  const { memoryKiB, timeCost, parallelism } = cost;
  const salt = randomBytes(saltBytes);
  const tag = await argon2Digest(Buffer.from(password, 'utf8'), 'argon2id', salt, cost, tagBytes);
  // Written here, because the library writes m,p,t: the reference decoder, and so PHP and Python, reads only m,t,p.
  const hash = `$argon2id$v=19$m=${memoryKiB},t=${timeCost},p=${parallelism}$${phcBase64(salt)}$${phcBase64(tag)}`;
  return { hash, type: 'argon2', saltPosition: null };
}
