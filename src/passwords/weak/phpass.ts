import { createHash } from 'node:crypto';
import { parseBase64, parseInteger } from '../hashes/hash-fields.ts';
import { phpassRounds, roundTimeMs, weakSaltBytes } from './bounds.ts';
import { cryptBase64 } from './crypt-base64.ts';
import { parseDigestName } from './digest-names.ts';
import { repeatDigest } from './repeat-digest.ts';
import { defineWeakFunction } from './weak-function.ts';

/** Openwall's portable hashes of PHP, with MD5 (WordPress, phpBB), or with SHA-512, cut off, as Drupal 7 has them. */
export const phpass = defineWeakFunction({
  names: ['d', 'n', 'l', 'salt'],
  parse: ({ d, n, l, salt }) => ({
    algorithm: parseDigestName(d),
    rounds: 2 ** parseInteger(n, 'the logarithm of its rounds', phpassRounds),
    length: parseInteger(l, 'the length of the hash', { min: 22, max: 86 }),
    salt: parseBase64(salt, 'the salt', weakSaltBytes),
  }),
  cost: ({ rounds }) => ({ memoryKiB: 0, timeMs: rounds * roundTimeMs }),
  compute: async (password, { algorithm, rounds, length, salt }) => {
    const start = createHash(algorithm).update(salt).update(password).digest();
    const digest = await repeatDigest({ algorithm, rounds, mix: 'password', start, password, salt });
    return Buffer.from(cryptBase64(digest).slice(0, length));
  },
});
