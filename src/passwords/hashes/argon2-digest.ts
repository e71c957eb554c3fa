import { argon2d, argon2i, argon2id, hash } from 'argon2';

const variants = { argon2d, argon2i, argon2id } as const;

/** The three ways through the memory that RFC 9106 defines. */
export type Argon2Variant = keyof typeof variants;

/** What one argon2 hash costs: memory in KiB, passes over it, and lanes. */
export interface Argon2Cost {
  memoryKiB: number;
  timeCost: number;
  parallelism: number;
}

/**
 * The raw digest of version 19, computed on the thread pool. The library's own reading and writing of strings is left
 * out, so that there is one reading of a hash, and it is the one that checked the bounds.
 */
export function argon2Digest(
  password: Buffer,
  variant: Argon2Variant,
  salt: Buffer,
  { memoryKiB, timeCost, parallelism }: Argon2Cost,
  length: number,
): Promise<Buffer> {
  return hash(password, {
    type: variants[variant],
    version: 19,
    memoryCost: memoryKiB,
    timeCost,
    parallelism,
    salt,
    hashLength: length,
    raw: true,
  });
}
