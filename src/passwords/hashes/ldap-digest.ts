import { ldapSaltBytes } from '../bounds.ts';
import { parseBase64, UnusableHash } from './hash-fields.ts';

/** A digest and the salt behind it, as LDAP servers write them: `{SCHEME}` + Base64(digest + salt), the scheme in any case. */
export interface LdapDigest {
  digest: Buffer;
  salt: Buffer;
}

/** Reads `scheme` + Base64, the first `digestBytes` bytes being the digest; throws UnusableHash. */
export function parseLdapDigest(hash: string, scheme: string, digestBytes: number): LdapDigest {
  if (hash.slice(0, scheme.length).toUpperCase() !== scheme) throw new UnusableHash(`it does not start with ${scheme}`);
  const bytes = parseBase64(hash.slice(scheme.length), 'what follows the scheme', {
    min: digestBytes + ldapSaltBytes.min,
    max: digestBytes + ldapSaltBytes.max,
  });
  return { digest: bytes.subarray(0, digestBytes), salt: bytes.subarray(digestBytes) };
}
