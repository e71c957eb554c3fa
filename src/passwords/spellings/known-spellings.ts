import { UnusableHash } from '../hashes/hash-fields.ts';
import { aspnet } from './aspnet.ts';
import { betterAuth } from './better-auth.ts';
import { crypt, phpass } from './crypt.ts';
import { django } from './django.ts';
import { ldap } from './ldap.ts';
import { fbscrypt, firescrypt, kratosDigest, kratosHmac, phcPbkdf2, phcScrypt } from './phc.ts';
import { argon2, native, type ReadHash } from './read-hash.ts';
import { werkzeug } from './werkzeug.ts';

/** What hashes start with, and who reads those that do; the first that fits. */
const spellings: readonly (readonly [RegExp, (hash: string) => ReadHash])[] = [
  [/^\$argon2/, argon2],
  [/^\$wp\$/, (hash) => native('bcrypt-wordpress', hash.slice('$wp'.length))],
  [/^\$scrypt\$v=/, (hash) => native('scrypt', hash)],
  [/^\$scrypt\$/, phcScrypt],
  [/^\$pbkdf2\$i=/, (hash) => native('pbkdf2', hash)],
  [/^\$pbkdf2(?:-|\$)/, phcPbkdf2],
  [/^\$firebase-scrypt\$/, (hash) => native('firebase-scrypt', hash)],
  [/^\$firescrypt\$/, firescrypt],
  [/^\$fbscrypt\$/, fbscrypt],
  [/^\$(?:2[aby]|1|5|6|apr1|md5-crypt|sha256-crypt|sha512-crypt)\$/, crypt],
  [/^\$[PHS]\$/, phpass],
  [/^\$(?:md5|sha1|sha256|sha512)\$/, kratosDigest],
  [/^\$hmac-/, kratosHmac],
  [/^\{/, ldap],
  [/^(?:scrypt|pbkdf2):/, werkzeug],
  [/^(?:sha224|sha256|sha384|sha512)\$/, werkzeug],
  [/^(?:!|(?:bcrypt|bcrypt_sha256|argon2|scrypt|pbkdf2_sha256|pbkdf2_sha1|md5|sha1)\$)/, django],
  [/^[0-9a-f]{32}:[0-9a-f]{128}$/, betterAuth],
  [/^A[AQ][A-Za-z0-9+/]+=*$/, aspnet],
];

/** Reads a hash whose spelling says what it is; throws UnusableHash, for a bare digest for instance. */
export function readSpelling(hash: string): ReadHash {
  const [, read] = spellings.find(([start]) => start.test(hash)) ?? [];
  if (!read) throw new UnusableHash('its form does not say how it was made; name its algorithm');
  return read(hash);
}
