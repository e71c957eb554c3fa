import { digestBytes } from '../bounds.ts';
import { parseBase64, parseInteger, UnusableHash } from '../hashes/hash-fields.ts';
import { weakPbkdf2Iterations, weakSaltBytes } from '../weak/bounds.ts';
import { parseDigestName } from '../weak/digest-names.ts';
import { custom } from './custom.ts';
import { django, partsOf } from './django.ts';
import { readSpelling } from './known-spellings.ts';
import { ldap } from './ldap.ts';
import { firebaseScrypt } from './phc.ts';
import { pbkdf2, type ReadHash } from './read-hash.ts';
import { decode, type Encoding, type SourceHash } from './source-hash.ts';

/** What Clerk calls `password_digest`, by what it calls `password_hasher`: one prefix may mean two things. */
export function clerk(hasher: string, source: SourceHash): ReadHash {
  switch (hasher) {
    case 'pbkdf2_sha256':
    case 'pbkdf2_sha1':
    case 'pbkdf2_sha512':
    case 'pbkdf2_sha512_hex':
      return clerkPbkdf2(hasher, source.hash);
    case 'pbkdf2_sha256_django':
    case 'bcrypt_sha256_django':
      return django(source.hash);
    case 'scrypt_firebase':
      return clerkFirebase(source.hash);
    case 'md5':
    case 'sha256':
      return custom(hasher, source);
    case 'bcrypt':
    case 'argon2i':
    case 'argon2id':
    case 'phpass':
    case 'scrypt_werkzeug':
      return readSpelling(source.hash);
    case 'ldap_ssha':
      return ldap(source.hash);
    case 'md5_salted':
    case 'sha256_salted':
      // Clerk's documents have `salt$hash` and no more: of the two places one would be a hash that nobody's password matches.
      throw new UnusableHash('Clerk does not say whether its salt stood before the password or after it');
    default:
      throw new UnusableHash('its hasher is none that can be carried');
  }
}

/** How the salt is written: of SHA-1 as hexadecimal where it is that, and as a text where it is not. */
function saltEncoding(hasher: string, salt: string): Encoding {
  if (hasher === 'pbkdf2_sha256') return 'base64';
  if (hasher === 'pbkdf2_sha512_hex') return 'hex';
  return hasher === 'pbkdf2_sha1' && /^(?:[0-9a-f]{2})+$/i.test(salt) ? 'hex' : 'utf8';
}

/** `hasher$iterations$salt$hash`, of SHA-1 perhaps with the length of the hash. Of sha256 the hash is Base64, of the others hexadecimal. */
function clerkPbkdf2(hasher: string, hash: string): ReadHash {
  const hasLength = hasher === 'pbkdf2_sha1' && hash.split('$').length === 5;
  const [name, i = '', salt = '', text = '', length] = partsOf(hash, hasLength ? 5 : 4);
  if (name !== hasher) throw new UnusableHash('it does not start with the name of its hasher');
  const isBase64 = hasher === 'pbkdf2_sha256';
  const key = isBase64 ? parseBase64(text, 'the hash', digestBytes) : decode(text, 'hex', 'the hash', digestBytes);
  if (length !== undefined && length !== String(key.length)) throw new UnusableHash('its hash has another length');
  return pbkdf2({
    algorithm: parseDigestName(hasher.split('_')[1] ?? ''),
    iterations: parseInteger(i, 'the number of iterations', weakPbkdf2Iterations),
    salt: decode(salt, saltEncoding(hasher, salt), 'the salt', weakSaltBytes),
    key,
  });
}

/** `hash$salt$signer key$salt separator$rounds$memory cost`. */
function clerkFirebase(hash: string): ReadHash {
  const [key = '', salt = '', sk = '', ss = '', r = '', m = ''] = partsOf(hash, 6);
  return firebaseScrypt({ m, r, p: '1', ss, sk, salt, key });
}
