import { digestBytes, saltBytes, scryptBounds } from '../bounds.ts';
import type { StoredHashType } from '../stored-password.ts';
import { defineAlgorithm } from './algorithm.ts';
import { parseBase64, parseInteger, parsePairs, splitHash, UnusableHash } from './hash-fields.ts';
import { assertScryptCost, assertScryptWork, deriveScryptKey, scryptHashCost } from './scrypt-key.ts';

/** Plain scrypt (RFC 7914) in WorkOS's layout, whose `n` is N itself and whose `kl` is the length of the key. */
export const scrypt = defineScrypt('scrypt', (password) => password);

/** The same of a password in Unicode's form NFKC, which is what better-auth hashes. */
export const scryptNfkc = defineScrypt('scrypt-nfkc', (password) =>
  Buffer.from(password.toString('utf8').normalize('NFKC')),
);

function defineScrypt(type: StoredHashType, prepare: (password: Buffer) => Buffer) {
  return defineAlgorithm({
    type,
    expected:
      '$scrypt$v=1$n=<N>,r=<r>,p=<p>,kl=<key length>$<Base64 salt>$<Base64 hash>, ' +
      'N a power of two up to 131072, r 1 to 16, p 1 to 10, N * r * p at most 2097152',
    parse: (hash) => {
      const [, version, parameters = '', salt = '', digest = ''] = splitHash(hash, 'scrypt', 5);
      if (version !== 'v=1') throw new UnusableHash('the version is not v=1');
      const pairs = parsePairs(parameters.split(','), ['n', 'r', 'p', 'kl']);
      const cost = {
        n: parseInteger(pairs.n, 'n', scryptBounds.n),
        r: parseInteger(pairs.r, 'r', scryptBounds.r),
        p: parseInteger(pairs.p, 'p', scryptBounds.p),
      };
      if (!Number.isInteger(Math.log2(cost.n))) throw new UnusableHash('n is not a power of two');
      assertScryptCost(cost);
      const key = parseBase64(digest, 'the hash', digestBytes);
      if (parseInteger(pairs.kl, 'kl', digestBytes) !== key.length) {
        throw new UnusableHash('kl is not the length of the hash');
      }
      return { cost, salt: parseBase64(salt, 'the salt', saltBytes), digest: key };
    },
    assertStorable: ({ cost }) => assertScryptWork(cost),
    cost: ({ cost }) => scryptHashCost(cost),
    compute: (password, { cost, salt, digest }) => deriveScryptKey(prepare(password), salt, cost, digest.length),
  });
}
