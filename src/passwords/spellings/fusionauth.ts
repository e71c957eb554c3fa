import { digestBytes } from '../bounds.ts';
import { parseBase64, UnusableHash } from '../hashes/hash-fields.ts';
import { weakKeyBytes, weakPbkdf2Iterations, weakRounds, weakSaltBytes } from '../weak/bounds.ts';
import { parseDigestName } from '../weak/digest-names.ts';
import { phpass } from './crypt.ts';
import { hmac, lengthOf, native, pbkdf2, plainDigest, type ReadHash } from './read-hash.ts';
import { integerOf, type SourceHash } from './source-hash.ts';

/** A password of FusionAuth by its `encryptionScheme`, with its `salt` and, as a parameter, its `factor`. */
export function fusionauth(scheme: string, source: SourceHash): ReadHash {
  if (scheme === 'bcrypt') return takenApartBcrypt(source, 'factor');
  if (scheme.startsWith('phpass-')) return phpass(source.hash);
  const digest = /^salted-(md5|sha256|hmac-sha256)$/.exec(scheme)?.[1];
  if (digest) return fusionauthDigest(digest, source);
  const [, name, bits] = /^salted-pbkdf2-hmac-(sha256|sha512)(?:-(512))?$/.exec(scheme) ?? [];
  if (!name) throw new UnusableHash('its scheme is not known');
  const key = parseBase64(source.hash, 'the hash', bits ? { min: 64, max: 64 } : digestBytes);
  return pbkdf2({
    algorithm: parseDigestName(name),
    iterations: integerOf(source, 'factor', weakPbkdf2Iterations),
    salt: parseBase64(source.salt ?? '', 'the salt', weakSaltBytes),
    key,
  });
}

/** The digest of the password and the salt, `factor` times; an HMAC is made once, under the salt. */
function fusionauthDigest(name: string, source: SourceHash): ReadHash {
  const algorithm = parseDigestName(name.replace('hmac-', ''));
  const digest = parseBase64(source.hash, 'the hash', lengthOf(algorithm));
  if (name.startsWith('hmac-')) {
    return hmac({ algorithm, digest }, parseBase64(source.salt ?? '', 'the salt', weakKeyBytes));
  }
  const after = parseBase64(source.salt ?? '', 'the salt', weakSaltBytes);
  return plainDigest({ algorithm, rounds: integerOf(source, 'factor', weakRounds), after, digest });
}

/** bcrypt whose cost is a parameter, and whose salt stands apart. */
export function takenApartBcrypt(source: SourceHash, costName: string): ReadHash {
  if (source.hash.startsWith('$')) return native('bcrypt', source.hash);
  const cost = integerOf(source, costName, { min: 4, max: 15 });
  return native('bcrypt', `$2a$${String(cost).padStart(2, '0')}$${source.salt ?? ''}${source.hash}`);
}
