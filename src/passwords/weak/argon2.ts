import { argon2SaltBytes, digestBytes } from '../bounds.ts';
import { type Argon2Variant, argon2Digest } from '../hashes/argon2-digest.ts';
import { argon2HashCost } from '../hashes/argon2id.ts';
import { parseBase64, parseInteger, UnusableHash } from '../hashes/hash-fields.ts';
import { weakArgon2Bounds, weakArgon2Work } from './bounds.ts';
import { defineWeakFunction } from './weak-function.ts';

/** Argon2, version 19, with less memory or fewer passes than are strong. */
export const argon2 = defineWeakFunction({
  names: ['a', 'm', 't', 'p', 'l', 'salt'],
  parse: ({ a, m, t, p, l, salt }) => {
    const memoryKiB = parseInteger(m, 'm', weakArgon2Bounds.m);
    const timeCost = parseInteger(t, 't', weakArgon2Bounds.t);
    const parallelism = parseInteger(p, 'p', weakArgon2Bounds.p);
    if (memoryKiB < 8 * parallelism) throw new UnusableHash('m is less than 8 * p');
    if (memoryKiB * timeCost > weakArgon2Work) throw new UnusableHash(`m * t is more than ${weakArgon2Work}`);
    return {
      variant: parseVariant(a),
      cost: { memoryKiB, timeCost, parallelism },
      length: parseInteger(l, 'the length of the hash', digestBytes),
      salt: parseBase64(salt, 'the salt', argon2SaltBytes),
    };
  },
  cost: ({ cost }) => argon2HashCost(cost),
  compute: (password, { variant, cost, length, salt }) => argon2Digest(password, variant, salt, cost, length),
});

function parseVariant(text: string): Argon2Variant {
  if (text !== 'argon2id' && text !== 'argon2i' && text !== 'argon2d') throw new UnusableHash('it is no argon2');
  return text;
}
