import type { Algorithm } from './hashes/algorithm.ts';
import { bcryptSha256, bcryptWordpress } from './hashes/bcrypt.ts';
import { scryptNfkc } from './hashes/scrypt.ts';
import { algorithms } from './imported-hash.ts';
import type { StoredHashType } from './stored-password.ts';
import { wrapped } from './wrapped.ts';

/** Every type that is verified: those that may be given, and those that only an import brings. */
export const storedAlgorithms: Readonly<Record<StoredHashType, Algorithm>> = {
  ...algorithms,
  'bcrypt-sha256': bcryptSha256,
  'bcrypt-wordpress': bcryptWordpress,
  'scrypt-nfkc': scryptNfkc,
  wrapped,
};
