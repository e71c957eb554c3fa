import { createHash } from 'node:crypto';
import { runAtLowPriority } from '../../threads/low-priority.ts';

/** What is hashed again and again: a digest, and beside it what the kind of hash says. */
export interface Repetition {
  readonly algorithm: string;
  readonly rounds: number;
  /** `plain`: the digest. `password`: the digest and the password. `crypt`: as crypt(3) mixes them for MD5 and SHA-2. */
  readonly mix: 'plain' | 'password' | 'crypt';
  readonly start: Uint8Array;
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
}

/** About three milliseconds; what takes longer is not done on the thread that answers requests. */
const maxRoundsHere = 1_000;

/** The digest after all rounds. */
export async function repeatDigest(repetition: Repetition): Promise<Buffer> {
  if (repetition.rounds <= maxRoundsHere) return Buffer.from(repeat(createHash, repetition));
  const call = `(${repeat.toString()})(require('node:crypto').createHash, data)`;
  return Buffer.from(await runAtLowPriority<Uint8Array>(call, repetition));
}

/** Refers to nothing outside of it, for its text is what another thread runs. */
function repeat(create: typeof createHash, { algorithm, rounds, mix, start, password, salt }: Repetition): Uint8Array {
  let digest = start;
  for (let round = 0; round < rounds; round += 1) {
    const hash = create(algorithm);
    if (mix === 'crypt') {
      hash.update(round % 2 ? password : digest);
      if (round % 3) hash.update(salt);
      if (round % 7) hash.update(password);
      hash.update(round % 2 ? digest : password);
    } else {
      hash.update(digest);
      if (mix === 'password') hash.update(password);
    }
    digest = hash.digest();
  }
  return digest;
}
