import { digestBytes } from '../bounds.ts';
import { parseBase64, parseInteger, UnusableHash } from '../hashes/hash-fields.ts';
import { weakPbkdf2Iterations, weakSaltBytes } from '../weak/bounds.ts';
import { type DigestName, parseDigestName } from '../weak/digest-names.ts';
import { argon2, lengthOf, native, pbkdf2, plainDigest, type ReadHash, scrypt } from './read-hash.ts';
import { decode } from './source-hash.ts';

/** What Django writes (django.contrib.auth.hashers): its own name of the hasher, `$`, and what that one writes. */
export function django(hash: string): ReadHash {
  if (hash.startsWith('!')) throw new UnusableHash('Django says that this user has no usable password');
  const name = hash.split('$', 1)[0] ?? '';
  const rest = hash.slice(name.length + 1);
  switch (name) {
    case 'bcrypt':
      return native('bcrypt', rest);
    case 'bcrypt_sha256':
      return native('bcrypt-sha256', rest);
    case 'argon2':
      return argon2(`$${rest}`);
    case 'scrypt':
      return djangoScrypt(rest);
    case 'pbkdf2_sha256':
    case 'pbkdf2_sha1':
      return djangoPbkdf2(parseDigestName(name.slice('pbkdf2_'.length)), rest);
    case 'md5':
    case 'sha1':
      return saltedDigest(name, rest);
    default:
      if (/^[0-9a-f]{32}$/.test(hash)) return saltedDigest('md5', `$${hash}`);
      throw new UnusableHash('it is not written by one of the hashers that can be carried');
  }
}

/** The salt is the bytes of its text, whatever it looks like. */
function djangoPbkdf2(algorithm: DigestName, rest: string): ReadHash {
  const [i = '', salt = '', key = ''] = partsOf(rest, 3);
  return pbkdf2({
    algorithm,
    iterations: parseInteger(i, 'the number of iterations', weakPbkdf2Iterations),
    salt: decode(salt, 'utf8', 'the salt', weakSaltBytes),
    key: parseBase64(key, 'the hash', digestBytes),
  });
}

function djangoScrypt(rest: string): ReadHash {
  const [n = '', salt = '', r = '', p = '', key = ''] = partsOf(rest, 5);
  return scrypt({
    n: Number(n),
    r: Number(r),
    p: Number(p),
    salt: decode(salt, 'utf8', 'the salt', weakSaltBytes),
    key: parseBase64(key, 'the hash', digestBytes),
  });
}

function saltedDigest(algorithm: 'md5' | 'sha1', rest: string): ReadHash {
  const [salt = '', hex = ''] = partsOf(rest, 2);
  return plainDigest({
    algorithm,
    before: decode(salt, 'utf8', 'the salt', weakSaltBytes),
    digest: decode(hex, 'hex', 'the hash', lengthOf(algorithm)),
  });
}

/** Throws UnusableHash unless there are so many parts between the `$`. */
export function partsOf(text: string, count: number): string[] {
  const parts = text.split('$');
  if (parts.length !== count) throw new UnusableHash('it does not have the right number of parts');
  return parts;
}
