import type { Bounds } from '../bounds.ts';

/** Salts of weak hashes: some have none. */
export const weakSaltBytes: Bounds = { min: 0, max: 128 };

/** Keys of HMAC: longer than its block there is no use for them. */
export const weakKeyBytes: Bounds = { min: 0, max: 256 };

/** Rounds of a digest: a million is some two seconds of one core. */
export const weakRounds: Bounds = { min: 1, max: 1_000_000 };

/** phpass counts its rounds by their logarithm. */
export const phpassRounds: Bounds = { min: 7, max: 20 };

/** PBKDF2 with any hash: from what RFC 6070 has to the ceiling of the strong ones. */
export const weakPbkdf2Iterations: Bounds = { min: 1, max: 2_000_000 };

/** Iterations and blocks of the key together, two seconds of one core. */
export const weakPbkdf2Work = 2_000_000;

/** Argon2 below the floor of the strong ones, from the least that its reference implementation takes for one lane. */
export const weakArgon2Bounds = {
  m: { min: 8, max: 262_144 },
  t: { min: 1, max: 10 },
  p: { min: 1, max: 8 },
} as const satisfies Record<string, Bounds>;

/** KiB and passes together, what the strong ones come to at most. */
export const weakArgon2Work = 1_310_720;

/** What crypt(3) and phpass do takes as long as the password, round by round, or by its square; none was set beyond this. */
export const maxWeakPasswordBytes = 1_024;

/** Milliseconds of one core for one round of a digest of something short. */
export const roundTimeMs = 0.002;
