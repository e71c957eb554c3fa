import { digestBytes, saltBytes } from '../bounds.ts';
import { UnusableHash } from '../hashes/hash-fields.ts';
import { type ReadHash, scrypt } from './read-hash.ts';
import { decode } from './source-hash.ts';

/** What better-auth writes, `hex:hex`: scrypt, whose salt is the bytes of its hexadecimal text, of the password in NFKC. */
export function betterAuth(hash: string): ReadHash {
  const [salt, key, ...more] = hash.split(':');
  if (salt === undefined || key === undefined || more.length > 0)
    throw new UnusableHash('it is not a salt, : and a key');
  const keys = { salt: decode(salt, 'utf8', 'the salt', saltBytes), key: decode(key, 'hex', 'the hash', digestBytes) };
  return scrypt({ n: 16_384, r: 16, p: 1, ...keys }, 'scrypt-nfkc');
}
