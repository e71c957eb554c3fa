import { digestBytes, saltBytes } from '../bounds.ts';
import { UnusableHash } from '../hashes/hash-fields.ts';
import { weakKeyBytes, weakRounds, weakSaltBytes } from '../weak/bounds.ts';
import { type DigestName, digestLengths, parseDigestName } from '../weak/digest-names.ts';
import { readSpelling } from './known-spellings.ts';
import { hmac, lengthOf, type PlainDigest, plainDigest, type ReadHash, scrypt } from './read-hash.ts';
import { choiceOf, decode, type Encoding, integerOf, type SourceHash, textOf } from './source-hash.ts';

const encodings = ['hex', 'base64', 'utf8'] as const;

/**
 * A hash whose parts are given one by one: `encoding` of the hash, `saltEncoding` (a text, unless it is said), `saltPosition`; `digest`, `key` and `keyEncoding` of an HMAC; `cost`, `blockSize` and
 * `parallelization` of scrypt. A plain digest may have `iterations`. What is spelled out needs none of them.
 */
export function custom(method: string, source: SourceHash): ReadHash {
  if (textOf(source, 'passwordEncoding')?.toLowerCase().startsWith('utf16')) {
    throw new UnusableHash('it was made of a password in UTF-16');
  }
  if (/^hmac\b/.test(method)) return customHmac(method.slice('hmac-'.length) || textOf(source, 'digest') || '', source);
  if (method === 'scrypt' && !source.hash.startsWith('$')) return customScrypt(source);
  if (!Object.hasOwn(digestLengths, method.replace(/[-_]/, '')) || source.hash.startsWith('$')) {
    return readSpelling(source.hash);
  }
  return plainDigest({
    ...digestOf(parseDigestName(method), source),
    rounds: integerOf(source, 'iterations', weakRounds, 1),
  });
}

function customHmac(digest: string, source: SourceHash): ReadHash {
  const key = textOf(source, 'key');
  if (!key) throw new UnusableHash('the parameter key is missing');
  return hmac(
    digestOf(parseDigestName(digest), source),
    decode(key, choiceOf(source, 'keyEncoding', encodings, 'utf8'), 'the key', weakKeyBytes),
  );
}

function customScrypt(source: SourceHash): ReadHash {
  const any = { min: 1, max: 2 ** 31 };
  return scrypt({
    n: integerOf(source, 'cost', any, 16_384),
    r: integerOf(source, 'blockSize', any, 8),
    p: integerOf(source, 'parallelization', any, 1),
    salt: saltOf(source, saltBytes.min),
    key: decode(source.hash, encodingOf(source), 'the hash', digestBytes),
  });
}

/** The digest and the salt beside it: a salt whose place is not known would give a hash that nobody's password matches. */
function digestOf(algorithm: DigestName, source: SourceHash): PlainDigest {
  const digest = decode(source.hash, encodingOf(source), 'the hash', lengthOf(algorithm));
  if (!source.salt) return { algorithm, digest };
  if (textOf(source, 'saltPosition') === undefined) throw new UnusableHash('the parameter saltPosition is missing');
  const position = choiceOf(source, 'saltPosition', ['prefix', 'suffix'], 'prefix');
  return { algorithm, digest, [position === 'prefix' ? 'before' : 'after']: saltOf(source, weakSaltBytes.min) };
}

function saltOf(source: SourceHash, min: number): Buffer {
  const encoding = choiceOf(source, 'saltEncoding', encodings, 'utf8');
  return decode(source.salt ?? '', encoding, 'the salt', { min, max: weakSaltBytes.max });
}

/** What it looks like, where it is not said. */
function encodingOf(source: SourceHash): Encoding {
  return choiceOf(source, 'encoding', encodings, /^[0-9a-fA-F]+$/.test(source.hash) ? 'hex' : 'base64');
}
