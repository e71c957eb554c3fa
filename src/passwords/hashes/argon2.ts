import { argon2Bounds, argon2iPasses, argon2SaltBytes, digestBytes } from '../bounds.ts';
import { defineAlgorithm } from './algorithm.ts';
import { type Argon2Cost, type Argon2Variant, argon2Digest } from './argon2-digest.ts';
import { argon2HashCost } from './argon2id.ts';
import { parseBase64, parseInteger, parsePairs, splitHash, UnusableHash } from './hash-fields.ts';

interface ParsedArgon2 extends Argon2Cost {
  variant: Argon2Variant;
  salt: Buffer;
  digest: Buffer;
}

/** Argon2id, argon2i and argon2d (RFC 9106, version 19): our own hashes and imported ones. */
export const argon2 = defineAlgorithm({
  type: 'argon2',
  expected:
    '$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<Base64 salt>$<Base64 hash> (or argon2i, argon2d), ' +
    'm 4096 to 262144, t 1 to 5 (argon2i at least 3), p 1 to 8',
  parse,
  cost: (parsed) => argon2HashCost(parsed),
  compute: (password, { variant, salt, digest, ...cost }) => argon2Digest(password, variant, salt, cost, digest.length),
});

/** The costs of an argon2id hash; null for argon2i, argon2d and whatever `argon2.check` refuses. */
export function argon2idCost(hash: string): Argon2Cost | null {
  if (argon2.check(hash) !== null) return null;
  const { variant, memoryKiB, timeCost, parallelism } = parse(hash);
  return variant === 'argon2id' ? { memoryKiB, timeCost, parallelism } : null;
}

function parse(hash: string): ParsedArgon2 {
  const variant = /^\$(argon2(?:id|i|d))\$/.exec(hash)?.[1] as Argon2Variant | undefined;
  if (variant === undefined) throw new UnusableHash('it does not start with $argon2id$, $argon2i$ or $argon2d$');
  const [, version, parameters = '', salt = '', digest = ''] = splitHash(hash, variant, 5);
  if (version !== 'v=19') throw new UnusableHash('the version is not v=19');
  const { m, t, p } = parsePairs(parameters.split(','), ['m', 't', 'p']);
  return {
    variant,
    memoryKiB: parseInteger(m, 'm', argon2Bounds.m),
    timeCost: parseInteger(t, 't', variant === 'argon2i' ? argon2iPasses : argon2Bounds.t),
    parallelism: parseInteger(p, 'p', argon2Bounds.p),
    salt: parseBase64(salt, 'the salt', argon2SaltBytes),
    digest: parseBase64(digest, 'the hash', digestBytes),
  };
}
