import { createHash, createHmac } from 'node:crypto';
import { parseBase64, parseInteger } from '../hashes/hash-fields.ts';
import { roundTimeMs, weakKeyBytes, weakRounds, weakSaltBytes } from './bounds.ts';
import { parseDigestName } from './digest-names.ts';
import { repeatDigest } from './repeat-digest.ts';
import { defineWeakFunction } from './weak-function.ts';

/** A digest of the password with what stood before it and after it, and then `n` - 1 times of the digest alone. */
export const digest = defineWeakFunction({
  names: ['d', 'n', 'before', 'after'],
  parse: ({ d, n, before, after }) => ({
    algorithm: parseDigestName(d),
    rounds: parseInteger(n, 'the number of rounds', weakRounds),
    before: parseBase64(before, 'the salt', weakSaltBytes),
    after: parseBase64(after, 'the salt', weakSaltBytes),
  }),
  cost: ({ rounds }) => ({ memoryKiB: 0, timeMs: (rounds - 1) * roundTimeMs }),
  compute: (password, { algorithm, rounds, before, after }) => {
    const start = createHash(algorithm).update(before).update(password).update(after).digest();
    return repeatDigest({ algorithm, rounds: rounds - 1, mix: 'plain', start, password, salt: before });
  },
});

/** HMAC (RFC 2104) under a key that the whole system has, or that is the user's salt. */
export const hmac = defineWeakFunction({
  names: ['d', 'key', 'before', 'after'],
  parse: ({ d, key, before, after }) => ({
    algorithm: parseDigestName(d),
    key: parseBase64(key, 'the key', weakKeyBytes),
    before: parseBase64(before, 'the salt', weakSaltBytes),
    after: parseBase64(after, 'the salt', weakSaltBytes),
  }),
  cost: () => ({ memoryKiB: 0, timeMs: 0 }),
  compute: async (password, { algorithm, key, before, after }) =>
    createHmac(algorithm, key).update(before).update(password).update(after).digest(),
});
