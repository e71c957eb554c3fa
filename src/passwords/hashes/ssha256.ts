import { createHash } from 'node:crypto';
import { defineAlgorithm } from './algorithm.ts';
import { parseLdapDigest } from './ldap-digest.ts';

/** Salted SHA-256, the salt after the password as OpenLDAP's pw-sha2 has it, or before it. */
export const ssha256 = defineAlgorithm({
  type: 'ssha256',
  expected: '{SSHA256} and Base64 of the 32 bytes of the SHA-256 digest followed by a salt of 1 to 64 bytes',
  parse: (hash) => parseLdapDigest(hash, '{SSHA256}', 32),
  cost: () => ({ memoryKiB: 0, timeMs: 0 }),
  compute: async (password, { salt }, saltPosition) => {
    const [first, second] = saltPosition === 'prefix' ? [salt, password] : [password, salt];
    return createHash('sha256').update(first).update(second).digest();
  },
});
