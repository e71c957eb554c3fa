import { createHash, type Hash } from 'node:crypto';
import { parseBase64, parseInteger, UnusableHash } from '../hashes/hash-fields.ts';
import { roundTimeMs, weakRounds, weakSaltBytes } from './bounds.ts';
import { cryptBase64 } from './crypt-base64.ts';
import { repeatDigest } from './repeat-digest.ts';
import { defineWeakFunction } from './weak-function.ts';

const md5Rounds = 1_000;

/** The MD5 of crypt(3), `$1$`, and Apache's, `$apr1$`; answers the characters behind the salt. */
export const md5Crypt = defineWeakFunction({
  names: ['magic', 'salt'],
  parse: ({ magic, salt }) => {
    if (magic !== '1' && magic !== 'apr1') throw new UnusableHash('it is neither $1$ nor $apr1$');
    return { magic: `$${magic}$`, salt: parseBase64(salt, 'the salt', weakSaltBytes) };
  },
  cost: () => ({ memoryKiB: 0, timeMs: md5Rounds * roundTimeMs }),
  compute: async (password, { magic, salt }) => {
    const inner = createHash('md5').update(password).update(salt).update(password).digest();
    const hash = createHash('md5').update(password).update(magic).update(salt);
    hash.update(fill(inner, password.length));
    // Meant to be the first byte of the digest where a bit is set; it has always been a NUL.
    addByBits(hash, password.length, Buffer.alloc(1), password.subarray(0, 1));
    const start = hash.digest();
    const repetition = { algorithm: 'md5', rounds: md5Rounds, mix: 'crypt', start, password, salt } as const;
    const digest = await repeatDigest(repetition);
    const order = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11];
    return Buffer.from(cryptBase64(order.map((i) => digest[i] as number)));
  },
});

/** The SHA-256 and the SHA-512 of crypt(3), `$5$` and `$6$` (Drepper 2007); answers the characters behind the salt. */
export const shaCrypt = defineWeakFunction({
  names: ['d', 'n', 'salt'],
  parse: ({ d, n, salt }) => {
    if (d !== 'sha256' && d !== 'sha512') throw new UnusableHash('it is neither $5$ nor $6$');
    const algorithm: 'sha256' | 'sha512' = d;
    const rounds = parseInteger(n, 'the number of rounds', { min: 1_000, max: weakRounds.max });
    return { algorithm, rounds, salt: parseBase64(salt, 'the salt', weakSaltBytes) };
  },
  cost: ({ rounds }) => ({ memoryKiB: 0, timeMs: rounds * roundTimeMs }),
  compute: async (password, { algorithm, rounds, salt }) => {
    const inner = createHash(algorithm).update(password).update(salt).update(password).digest();
    const hash = createHash(algorithm).update(password).update(salt).update(fill(inner, password.length));
    addByBits(hash, password.length, inner, password);
    const start = hash.digest();
    const longPassword = digestOfRepeated(algorithm, password, password.length);
    const longSalt = digestOfRepeated(algorithm, salt, 16 + (start[0] as number));
    const digest = await repeatDigest({
      algorithm,
      rounds,
      mix: 'crypt',
      start,
      password: fill(longPassword, password.length),
      salt: fill(longSalt, salt.length),
    });
    return Buffer.from(cryptBase64(shaOrder[algorithm].map((i) => digest[i] as number)));
  },
});

/** The order in which the bytes are written: triples, the next one of which comes from the one before, turned around. */
const shaOrder = {
  sha256: [...triples([0, 10, 20], ([a, b, c]) => [c + 1, a + 1, b + 1], 10), 30, 31],
  sha512: [...triples([0, 21, 42], ([a, b, c]) => [b + 1, c + 1, a + 1], 21), 63],
};

type Triple = readonly [number, number, number];

function triples(first: Triple, next: (triple: Triple) => Triple, count: number): number[] {
  return count === 0 ? [] : [...[...first].reverse(), ...triples(next(first), next, count - 1)];
}

/** For each bit of the length, the lowest first. */
function addByBits(hash: Hash, length: number, ifSet: Buffer, ifNot: Buffer): void {
  for (let bits = length; bits > 0; bits >>= 1) hash.update(bits & 1 ? ifSet : ifNot);
}

function digestOfRepeated(algorithm: string, text: Buffer, times: number): Buffer {
  const hash = createHash(algorithm);
  for (let i = 0; i < times; i += 1) hash.update(text);
  return hash.digest();
}

/** So many bytes of a digest, repeated where it is too short. */
function fill(digest: Buffer, length: number): Buffer {
  return Buffer.alloc(length, digest);
}
