import { digestBytes } from '../bounds.ts';
import { parseBase64, parseInteger, UnusableHash } from '../hashes/hash-fields.ts';
import { weakPbkdf2Iterations, weakSaltBytes } from '../weak/bounds.ts';
import { parseDigestName } from '../weak/digest-names.ts';
import { custom } from './custom.ts';
import { django, partsOf } from './django.ts';
import { readSpelling } from './known-spellings.ts';
import { firebaseScrypt } from './phc.ts';
import { pbkdf2, type ReadHash } from './read-hash.ts';
import { decode, type SourceHash } from './source-hash.ts';

/** What Clerk calls `password_digest`, by what it calls `password_hasher`: one prefix may mean two things. */
export function clerk(hasher: string, source: SourceHash): ReadHash {
  switch (hasher) {
    case 'pbkdf2_sha256':
    case 'pbkdf2_sha1':
    case 'pbkdf2_sha512':
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
    default:
      throw new UnusableHash('its hasher is none that can be carried');
  }
}

/** Of sha256 salt and hash are Base64; of the others the salt is a text, and the hash is hexadecimal. */
function clerkPbkdf2(hasher: string, hash: string): ReadHash {
  const [name, i = '', salt = '', key = ''] = partsOf(hash, 4);
  if (name !== hasher) throw new UnusableHash('it does not start with the name of its hasher');
  const isBase64 = hasher === 'pbkdf2_sha256';
  return pbkdf2({
    algorithm: parseDigestName(hasher.slice('pbkdf2_'.length)),
    iterations: parseInteger(i, 'the number of iterations', weakPbkdf2Iterations),
    salt: decode(salt, isBase64 ? 'base64' : 'utf8', 'the salt', weakSaltBytes),
    key: isBase64 ? parseBase64(key, 'the hash', digestBytes) : decode(key, 'hex', 'the hash', digestBytes),
  });
}

/** `hash$salt$signer key$salt separator$rounds$memory cost`. */
function clerkFirebase(hash: string): ReadHash {
  const [key = '', salt = '', sk = '', ss = '', r = '', m = ''] = partsOf(hash, 6);
  return firebaseScrypt({ m, r, p: '1', ss, sk, salt, key });
}
