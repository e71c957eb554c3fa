import { digestBytes } from '../bounds.ts';
import { parseBase64, UnusableHash } from '../hashes/hash-fields.ts';
import { weakPbkdf2Iterations, weakSaltBytes } from '../weak/bounds.ts';
import { parseDigestName } from '../weak/digest-names.ts';
import { takenApartBcrypt } from './fusionauth.ts';
import { lengthOf, pbkdf2, plainDigest, type ReadHash } from './read-hash.ts';
import { choiceOf, integerOf, type SourceHash, textOf } from './source-hash.ts';

/** A hash in the form in which Okta's API takes it, by its `algorithm`: `hash` is `value`, the rest are parameters. */
export function okta(name: string, source: SourceHash): ReadHash {
  if (name === 'bcrypt') return takenApartBcrypt(source, 'workFactor');
  const salt = parseBase64(source.salt ?? '', 'the salt', weakSaltBytes);
  if (name === 'pbkdf2') {
    const digest = /^(sha[0-9]+)_hmac$/i.exec(textOf(source, 'digestAlgorithm') ?? '')?.[1];
    if (!digest) throw new UnusableHash('the parameter digestAlgorithm is neither SHA256_HMAC nor SHA512_HMAC');
    return pbkdf2({
      algorithm: parseDigestName(digest),
      iterations: integerOf(source, 'iterationCount', weakPbkdf2Iterations),
      salt,
      key: parseBase64(source.hash, 'the hash', digestBytes),
    });
  }
  const algorithm = parseDigestName(name);
  const digest = parseBase64(source.hash, 'the hash', lengthOf(algorithm));
  const isPrefix = choiceOf(source, 'saltOrder', ['prefix', 'postfix'], 'postfix') === 'prefix';
  if (salt.length > 0 && textOf(source, 'saltOrder') === undefined) {
    throw new UnusableHash('the parameter saltOrder is missing');
  }
  return plainDigest({ algorithm, digest, [isPrefix ? 'before' : 'after']: salt });
}
