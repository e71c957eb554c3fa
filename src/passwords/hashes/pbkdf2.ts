import { pbkdf2 as derive } from 'node:crypto';
import { digestBytes, pbkdf2Iterations, saltBytes, unitTimesMs } from '../bounds.ts';
import { defineAlgorithm } from './algorithm.ts';
import { parseBase64, parseInteger, parsePairs, splitHash, UnusableHash } from './hash-fields.ts';

const hashBytes = { sha256: 32, sha512: 64 } as const;

/** PBKDF2 (RFC 8018 section 5.2) with HMAC-SHA-256 or HMAC-SHA-512. */
export const pbkdf2 = defineAlgorithm({
  type: 'pbkdf2',
  expected:
    '$pbkdf2$i=<iterations>,d=<sha256 or sha512>$<Base64 salt>$<Base64 hash>, ' +
    '600000 to 1000000 iterations of sha256 or 210000 to 1000000 of sha512',
  parse: (hash) => {
    const [, parameters = '', salt = '', digest = ''] = splitHash(hash, 'pbkdf2', 4);
    const { i, d } = parsePairs(parameters.split(','), ['i', 'd']);
    if (d !== 'sha256' && d !== 'sha512') throw new UnusableHash('d is neither sha256 nor sha512');
    const hashName: keyof typeof hashBytes = d;
    return {
      hashName,
      iterations: parseInteger(i, 'i', pbkdf2Iterations[d]),
      salt: parseBase64(salt, 'the salt', saltBytes),
      digest: parseBase64(digest, 'the hash', digestBytes),
    };
  },
  // One block of the derived key after the other, each as long as the hash (RFC 8018 section 5.2).
  cost: ({ hashName, iterations, digest }) => ({
    memoryKiB: 0,
    timeMs: iterations * Math.ceil(digest.length / hashBytes[hashName]) * unitTimesMs.pbkdf2[hashName],
  }),
  compute: (password, { hashName, iterations, salt, digest }) =>
    new Promise((resolve, reject) => {
      derive(password, salt, iterations, digest.length, hashName, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    }),
});
