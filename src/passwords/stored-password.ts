/** Every type of hash that can be stored, in WorkOS's spelling; our own argon2id hashes are `argon2`. */
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

/** Where the salt stood when an SSHA256 digest was made: before the password or after it. */
export const saltPositions = ['prefix', 'suffix'] as const;

/** One of `saltPositions`. */
export type SaltPosition = (typeof saltPositions)[number];

/** A password as the database keeps it; `saltPosition` is null for every type but ssha256. */
export interface StoredPassword {
  hash: string;
  type: PasswordHashType;
  saltPosition: SaltPosition | null;
}

/** A password to store, and whether it was set as one or brought along as a hash. */
export interface NewPassword extends StoredPassword {
  origin: 'set' | 'imported';
}
