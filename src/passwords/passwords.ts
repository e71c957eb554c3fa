import type { Config } from '../config.ts';
import type { Issue } from '../errors.ts';
import { hashPassword } from './argon2id.ts';
import { createHashQueue } from './hash-queue.ts';
import { checkPasswordStrength } from './policy.ts';
import type { StoredPassword } from './stored-password.ts';

export interface Passwords {
  /** Every reason why a new password is not good enough; `words` are the user's own, which make it easy to guess. */
  findStrengthIssues(password: string, words: readonly string[]): Promise<Issue[]>;
  /** The argon2id hash to store. Throws `rate_limited` when too many are being hashed already. */
  hash(password: string): Promise<StoredPassword>;
}

export function createPasswords(config: Config): Passwords {
  const cost = {
    memoryKiB: config.ARGON2_MEMORY_KIB,
    timeCost: config.ARGON2_TIME_COST,
    parallelism: config.ARGON2_PARALLELISM,
  };
  const queue = createHashQueue({
    maxConcurrent: config.PASSWORD_HASH_CONCURRENCY,
    maxQueued: config.PASSWORD_HASH_QUEUE,
  });
  return {
    findStrengthIssues: (password, words) => checkPasswordStrength(password, words),
    hash: (password) => queue.run(() => hashPassword(password, cost)),
  };
}
