import { randomBytes } from 'node:crypto';
import { argon2Bounds, argon2SaltBytes, digestBytes } from './bounds.ts';
import { defineAlgorithm } from './hashes/algorithm.ts';
import { type Argon2Cost, argon2Digest } from './hashes/argon2-digest.ts';
import { argon2HashCost, assertArgon2Cost } from './hashes/argon2id.ts';
import { parseBase64, parseInteger, parsePairs, splitHash, UnusableHash } from './hashes/hash-fields.ts';
import { phcBase64 } from './hashes/phc-base64.ts';
import type { StoredPassword } from './stored-password.ts';
import { maxWeakPasswordBytes } from './weak/bounds.ts';
import { readWeakDigest, type WeakName } from './weak/weak-functions.ts';

/** A hash that is too weak to be stored: the function, its settings as `name=value,…`, and what it made of the password. */
export interface WeakHash {
  readonly name: WeakName;
  readonly settings: string;
  readonly digest: Buffer;
}

const noMatch = Buffer.alloc(0);

/**
 * Argon2id of what a weak function made of the password, so that what is stored is as hard to guess as our own hashes are
 * ("layering" of OWASP Password Storage). The salt and the settings of the weak function stand before argon2id's.
 */
export const wrapped = defineAlgorithm({
  type: 'wrapped',
  expected: '$wrapped$v=1$<function>$<its settings>$m=<KiB>,t=<passes>,p=<lanes>$<Base64 salt>$<Base64 hash>',
  parse: (hash) => {
    const [, version, name = '', settings = '', costs = '', salt = '', digest = ''] = splitHash(hash, 'wrapped', 7);
    if (version !== 'v=1') throw new UnusableHash('the version is not v=1');
    const { m, t, p } = parsePairs(costs.split(','), ['m', 't', 'p']);
    return {
      weak: readWeakDigest(name, settings),
      cost: {
        memoryKiB: parseInteger(m, 'm', argon2Bounds.m),
        timeCost: parseInteger(t, 't', argon2Bounds.t),
        parallelism: parseInteger(p, 'p', argon2Bounds.p),
      },
      salt: parseBase64(salt, 'the salt', argon2SaltBytes),
      digest: parseBase64(digest, 'the hash', digestBytes),
    };
  },
  cost: ({ weak, cost }) => {
    const outer = argon2HashCost(cost);
    return {
      memoryKiB: Math.max(weak.cost.memoryKiB, outer.memoryKiB), // one after the other
      timeMs: weak.cost.timeMs + outer.timeMs,
    };
  },
  compute: async (password, { weak, cost, salt, digest }) => {
    const inner = await weak.compute(password.subarray(0, maxWeakPasswordBytes));
    const outer = await argon2Digest(inner, 'argon2id', salt, cost, digest.length);
    return password.length > maxWeakPasswordBytes ? noMatch : outer;
  },
});

/** Throws UnusableHash where the weak function's settings are out of bounds; computes nothing. */
export function assertWrappable({ name, settings }: WeakHash): void {
  readWeakDigest(name, settings);
}

/** The row to store for a weak hash, at the cost of one argon2id. */
export async function wrapHash({ name, settings, digest }: WeakHash, cost: Argon2Cost): Promise<StoredPassword> {
  assertArgon2Cost(cost);
  const { memoryKiB, timeCost, parallelism } = cost;
  const salt = randomBytes(16);
  const tag = await argon2Digest(digest, 'argon2id', salt, cost, 32);
  const costs = `m=${memoryKiB},t=${timeCost},p=${parallelism}`;
  const hash = `$wrapped$v=1$${name}$${settings}$${costs}$${phcBase64(salt)}$${phcBase64(tag)}`;
  return { hash, type: 'wrapped', saltPosition: null };
}
