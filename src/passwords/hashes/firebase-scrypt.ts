import { createCipheriv } from 'node:crypto';
import { digestBytes, firebaseScryptBounds, ldapSaltBytes } from '../bounds.ts';
import { defineAlgorithm } from './algorithm.ts';
import { parseBase64, parseInteger, parsePairs, splitHash, UnusableHash } from './hash-fields.ts';
import { assertScryptCost, assertScryptWork, deriveScryptKey, scryptHashCost } from './scrypt-key.ts';

/** The texts of one hash, whichever layout they came in. */
type Texts = Record<'hash' | 'salt' | 'sk' | 'ss' | 'r' | 'm', string>;

const namedStart = /^\$firebase-scrypt\$(?:hash|salt|sk|ss|r|m)=/;

// AES-256 takes 32 bytes of key; the counter starts at zero, for the derived key is used for this one encryption.
const aesKeyBytes = 32;
const zeroCounter = Buffer.alloc(16);

/**
 * Firebase's variant (github.com/firebase/scrypt): the project's signer key, encrypted with AES-256-CTR under a key that
 * scrypt derives from the password and the salt followed by the project's salt separator. Firebase's "rounds" are
 * scrypt's r, its "mem_cost" is log2 of N, p is 1.
 */
export const firebaseScrypt = defineAlgorithm({
  type: 'firebase-scrypt',
  expected:
    '$firebase-scrypt$v=1$r=<rounds>,m=<mem_cost>,ss=<salt separator>,sk=<signer key>$<salt>$<hash> or ' +
    '$firebase-scrypt$hash=<hash>$salt=<salt>$sk=<signer key>$ss=<salt separator>$r=<rounds>$m=<mem_cost>, ' +
    'the texts in Base64, r 1 to 16, m 1 to 17',
  parse: (hash) => {
    const texts = namedStart.test(hash) ? namedTexts(hash) : orderedTexts(hash);
    const m = parseInteger(texts.m, 'm', firebaseScryptBounds.m);
    const cost = { n: 2 ** m, r: parseInteger(texts.r, 'r', firebaseScryptBounds.r), p: 1 };
    assertScryptCost(cost);
    const salt = parseBase64(texts.salt, 'the salt', ldapSaltBytes);
    const separator = parseBase64(texts.ss, 'ss', ldapSaltBytes);
    const signerKey = parseBase64(texts.sk, 'sk', digestBytes);
    const digest = parseBase64(texts.hash, 'the hash', digestBytes);
    if (digest.length !== signerKey.length) throw new UnusableHash('the hash is not as long as the signer key');
    return { cost, salt: Buffer.concat([salt, separator]), signerKey, digest };
  },
  assertStorable: ({ cost }) => assertScryptWork(cost),
  cost: ({ cost }) => scryptHashCost(cost),
  compute: async (password, { cost, salt, signerKey }) => {
    const key = await deriveScryptKey(password, salt, cost, aesKeyBytes);
    return createCipheriv('aes-256-ctr', key, zeroCounter).update(signerKey);
  },
});

function namedTexts(hash: string): Texts {
  const [, ...pairs] = splitHash(hash, 'firebase-scrypt', 7);
  return parsePairs(pairs, ['hash', 'salt', 'sk', 'ss', 'r', 'm']);
}

function orderedTexts(text: string): Texts {
  const [, version, parameters = '', salt = '', hash = ''] = splitHash(text, 'firebase-scrypt', 5);
  if (version !== 'v=1') throw new UnusableHash('the version is not v=1');
  return { ...parsePairs(parameters.split(','), ['r', 'm', 'ss', 'sk']), salt, hash };
}
