import { pbkdf2 as derive } from 'node:crypto';
import { digestBytes, unitTimesMs } from '../bounds.ts';
import { parseBase64, parseInteger, UnusableHash } from '../hashes/hash-fields.ts';
import { weakPbkdf2Iterations, weakPbkdf2Work, weakSaltBytes } from './bounds.ts';
import { type DigestName, digestLengths, parseDigestName } from './digest-names.ts';
import { defineWeakFunction } from './weak-function.ts';

interface Settings {
  algorithm: DigestName;
  iterations: number;
  length: number;
  salt: Buffer;
}

/** PBKDF2 (RFC 8018 section 5.2) with SHA-1, or with fewer iterations than are strong. */
export const pbkdf2 = defineWeakFunction({
  names: ['d', 'i', 'l', 'salt'],
  parse: ({ d, i, l, salt }): Settings => {
    const settings = {
      algorithm: parseDigestName(d),
      iterations: parseInteger(i, 'the number of iterations', weakPbkdf2Iterations),
      length: parseInteger(l, 'the length of the hash', digestBytes),
      salt: parseBase64(salt, 'the salt', weakSaltBytes),
    };
    if (workOf(settings) > weakPbkdf2Work) {
      throw new UnusableHash(`its iterations times its blocks are more than ${weakPbkdf2Work}`);
    }
    return settings;
  },
  cost: (settings) => ({ memoryKiB: 0, timeMs: workOf(settings) * unitTimeMs(settings) }),
  compute: (password, { algorithm, iterations, length, salt }) =>
    new Promise((resolve, reject) => {
      derive(password, salt, iterations, length, algorithm, (error, key) => (error ? reject(error) : resolve(key)));
    }),
});

function workOf({ algorithm, iterations, length }: Settings): number {
  return iterations * Math.ceil(length / digestLengths[algorithm]);
}

/** SHA-384 is SHA-512 cut off; the others take what SHA-256 takes, or less. */
function unitTimeMs({ algorithm }: Settings): number {
  return unitTimesMs.pbkdf2[digestLengths[algorithm] > digestLengths.sha256 ? 'sha512' : 'sha256'];
}
