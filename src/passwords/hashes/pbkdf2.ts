import { pbkdf2 as derive } from 'node:crypto';
import { digestBytes, pbkdf2Iterations, pbkdf2Work, saltBytes, unitTimesMs } from '../bounds.ts';
import { defineAlgorithm } from './algorithm.ts';
import { parseBase64, parseInteger, parsePairs, splitHash, UnusableHash } from './hash-fields.ts';

const hashBytes = { sha256: 32, sha512: 64 } as const;

interface ParsedPbkdf2 {
  hashName: keyof typeof hashBytes;
  iterations: number;
  salt: Buffer;
  digest: Buffer;
}

/** PBKDF2 (RFC 8018 section 5.2) with HMAC-SHA-256 or HMAC-SHA-512. */
export const pbkdf2 = defineAlgorithm({
  type: 'pbkdf2',
  expected:
    '$pbkdf2$i=<iterations>,d=<sha256 or sha512>$<Base64 salt>$<Base64 hash>, ' +
    '600000 to 2000000 iterations of sha256 or 210000 to 2000000 of sha512',
  parse: (hash): ParsedPbkdf2 => {
    const [, parameters = '', salt = '', digest = ''] = splitHash(hash, 'pbkdf2', 4);
    const { i, d } = parsePairs(parameters.split(','), ['i', 'd']);
    if (d !== 'sha256' && d !== 'sha512') throw new UnusableHash('d is neither sha256 nor sha512');
    return {
      hashName: d,
      iterations: parseInteger(i, 'i', pbkdf2Iterations[d]),
      salt: parseBase64(salt, 'the salt', saltBytes),
      digest: parseBase64(digest, 'the hash', digestBytes),
    };
  },
  assertStorable: (parsed) => {
    const most = pbkdf2Work[parsed.hashName];
    if (workOf(parsed) > most) throw new UnusableHash(`its iterations times its blocks are more than ${most}`);
  },
  cost: (parsed) => ({ memoryKiB: 0, timeMs: workOf(parsed) * unitTimesMs.pbkdf2[parsed.hashName] }),
  compute: (password, { hashName, iterations, salt, digest }) =>
    new Promise((resolve, reject) => {
      derive(password, salt, iterations, digest.length, hashName, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    }),
});

/** One block of the derived key after the other, each as long as the hash (RFC 8018 section 5.2). */
function workOf({ hashName, iterations, digest }: ParsedPbkdf2): number {
  return iterations * Math.ceil(digest.length / hashBytes[hashName]);
}
