import { createHash } from 'node:crypto';
import { defineAlgorithm } from './algorithm.ts';
import { parseLdapDigest } from './ldap-digest.ts';

/** Salted SHA-1 as OpenLDAP's slappasswd writes it (OpenLDAP Admin Guide, section "Password Storage"). */
export const ssha = defineAlgorithm({
  type: 'ssha',
  expected: '{SSHA} and Base64 of the 20 bytes of SHA-1(password + salt) followed by a salt of 1 to 64 bytes',
  parse: (hash) => parseLdapDigest(hash, '{SSHA}', 20),
  cost: () => ({ memoryKiB: 0, timeMs: 0 }),
  compute: async (password, { salt }) => createHash('sha1').update(password).update(salt).digest(),
});
