/** Every type of hash that may be given, in WorkOS's spelling; our own argon2id hashes are `argon2`. */
export const passwordHashTypes = [
  'bcrypt',
  'firebase-scrypt',
  'ssha',
  'ssha256',
  'scrypt',
  'pbkdf2',
  'argon2',
] as const;

/** One of `passwordHashTypes`. */
export type PasswordHashType = (typeof passwordHashTypes)[number];

/**
 * Types that only an import brings: bcrypt of a digest of the password, as Django and as WordPress compute it; scrypt of the
 * password in Unicode's form NFKC, as better-auth does; and argon2id of what a weaker function made of the password.
 */
const importOnlyTypes = ['bcrypt-sha256', 'bcrypt-wordpress', 'scrypt-nfkc', 'wrapped'] as const;

/** Every type of hash that the database may hold. */
export const storedHashTypes = [...passwordHashTypes, ...importOnlyTypes] as const;

/** One of `storedHashTypes`. */
export type StoredHashType = (typeof storedHashTypes)[number];

/** Where the salt stood when an SSHA256 digest was made: before the password or after it. */
export const saltPositions = ['prefix', 'suffix'] as const;

/** One of `saltPositions`. */
export type SaltPosition = (typeof saltPositions)[number];

/** A password as the database keeps it; `saltPosition` is null for every type but ssha256. */
export interface StoredPassword {
  hash: string;
  type: StoredHashType;
  saltPosition: SaltPosition | null;
}

/** A password to store, and whether it was set as one or brought along as a hash. */
export interface NewPassword extends StoredPassword {
  origin: 'set' | 'imported';
}
