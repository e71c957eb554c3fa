/** A range of whole numbers, both ends included. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Length of a new password in code points. NIST SP 800-63B-4 section 3.1.1.2: a generous maximum, no composition rules. */
export const passwordLength: Bounds = { min: 10, max: 256 };

/** Longest stored string that is looked at at all; Firebase's layout with its signer key needs about 250. */
export const maxHashLength = 1024;

/** bcrypt: 4 is the floor of bcrypt(3) itself; 15 is some 2 s of one core, where a sign-in stops being one. */
export const bcryptCosts: Bounds = { min: 4, max: 15 };

/** bcrypt reads 72 bytes of a password and not one more (Provos and Mazières, USENIX 1999; OWASP Password Storage). */
export const bcryptMaxPasswordBytes = 72;

/** scrypt: N = 2^17 and p = 10 are the ends of OWASP's table; with r = 16 one hash stays within 256 MiB. */
export const scryptBounds = {
  n: { min: 2, max: 2 ** 17 },
  r: { min: 1, max: 16 },
  p: { min: 1, max: 10 },
} as const satisfies Record<string, Bounds>;

/**
 * scrypt: the most that N, r and p may come to together, a second of one core. Hashes that were stored before, with each of
 * them at its own end ten times as much, are still verified.
 */
export const scryptWork = 2 ** 21;

/** Firebase's scrypt: its projects come with m = 14, r = 8; the ceilings are those of scrypt, m being log2 of N. */
export const firebaseScryptBounds = {
  m: { min: 1, max: 17 },
  r: { min: 1, max: 16 },
} as const satisfies Record<string, Bounds>;

/** PBKDF2: the floors are OWASP Password Storage's; Django 6.0 comes with 1,200,000. */
export const pbkdf2Iterations = {
  sha256: { min: 600_000, max: 2_000_000 },
  sha512: { min: 210_000, max: 2_000_000 },
} as const satisfies Record<string, Bounds>;

/** PBKDF2: the most that iterations and blocks of the key may come to together, less than two seconds of one core. */
export const pbkdf2Work = { sha256: 4_000_000, sha512: 2_000_000 } as const;

/** Argon2: m in KiB. From below OWASP's smallest choice (7 MiB) up to 256 MiB, scrypt's ceiling above. */
export const argon2Bounds = {
  m: { min: 4_096, max: 262_144 },
  t: { min: 1, max: 5 },
  p: { min: 1, max: 8 },
} as const satisfies Record<string, Bounds>;

/** Argon2i needs three passes to resist the known attacks (RFC 9106 section 7.3). */
export const argon2iPasses: Bounds = { min: 3, max: argon2Bounds.t.max };

/** Salt bytes. NIST SP 800-63B-4 section 3.1.1.2 asks for 32 bits; the ceiling only keeps nonsense out. */
export const saltBytes: Bounds = { min: 4, max: 128 };

/** Salt bytes of Argon2: the floor is the reference implementation's ARGON2_MIN_SALT_LENGTH. */
export const argon2SaltBytes: Bounds = { min: 8, max: 128 };

/** Salt bytes behind an LDAP digest: OpenLDAP's are 4 and 8 bytes, others' up to 64. */
export const ldapSaltBytes: Bounds = { min: 1, max: 64 };

/** Bytes of a derived key: below 128 bits a stranger's password could match, above 128 bytes nobody goes: Keycloak had those. */
export const digestBytes: Bounds = { min: 16, max: 128 };

/**
 * Milliseconds of one core (a server's of 2026), so that a hash of one type can be compared with one of another: per KiB and
 * pass of Argon2, per round of bcrypt's 2^cost, per block of scrypt's N * r * p, per iteration and block of PBKDF2.
 */
export const unitTimesMs = {
  argon2: 0.001,
  bcrypt: 0.065,
  scrypt: 0.0004,
  pbkdf2: { sha256: 0.0003, sha512: 0.00085 },
} as const;
