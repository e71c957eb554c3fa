import { parseBase64, UnusableHash } from '../hashes/hash-fields.ts';
import { weakSaltBytes } from '../weak/bounds.ts';
import { type DigestName, digestLengths } from '../weak/digest-names.ts';
import { crypt } from './crypt.ts';
import { phcPbkdf2 } from './phc.ts';
import { argon2, native, plainDigest, type ReadHash } from './read-hash.ts';

/** The schemes of a digest followed by its salt, if it has one. */
const digests: Readonly<Record<string, DigestName>> = {
  MD5: 'md5',
  SMD5: 'md5',
  SHA: 'sha1',
  SHA256: 'sha256',
  SHA384: 'sha384',
  SSHA384: 'sha384',
  SHA512: 'sha512',
  SSHA512: 'sha512',
};

/** An LDAP server's `{SCHEME}…` (RFC 2307 and what OpenLDAP and others added), the scheme in any case. */
export function ldap(hash: string): ReadHash {
  const [, scheme = '', rest = ''] = /^\{([^}]+)\}(.*)$/s.exec(hash) ?? [];
  const name = scheme.toUpperCase();
  if (name === 'SSHA') return native('ssha', hash);
  if (name === 'SSHA256') return native('ssha256', hash);
  if (name === 'CRYPT') return crypt(rest);
  if (name === 'ARGON2') return argon2(rest);
  if (/^PBKDF2(?:-SHA(?:1|256|512))?$/.test(name)) return phcPbkdf2(`$${name.toLowerCase()}$${rest}`);
  const algorithm = Object.hasOwn(digests, name) ? digests[name] : undefined;
  if (!algorithm) throw new UnusableHash('its scheme is not known');
  const length = digestLengths[algorithm];
  const max = length + (name.startsWith('S') && !name.startsWith('SHA') ? weakSaltBytes.max : 0);
  const bytes = parseBase64(rest, 'what follows the scheme', { min: length, max });
  return plainDigest({ algorithm, digest: bytes.subarray(0, length), after: bytes.subarray(length) });
}
