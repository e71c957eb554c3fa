import type { Logger } from 'pino';
import type { Config } from '../config/settings.ts';
import type { Issue } from '../errors.ts';
import { isBreached } from './breach.ts';
import { createHashQueue } from './hash-queue.ts';
import type { Argon2Cost } from './hashes/argon2-digest.ts';
import { hashPassword } from './hashes/argon2id.ts';
import { checkPasswordStrength } from './policy.ts';
import type { StoredPassword } from './stored-password.ts';
import { loadStrengthEstimator } from './strength-estimator.ts';
import { decoyHash, isCostly, isQuick, needsRehash, verifyPassword } from './verify.ts';

export interface Passwords {
  /** Every reason why a new password is not good enough; `words` are the user's own, which make it easy to guess. */
  findStrengthIssues(password: string, words: readonly string[]): Promise<Issue[]>;
  /** The argon2id hash to store. Callers take turns; throws `rate_limited` when too many are waiting already. */
  hash(password: string, caller: string): Promise<StoredPassword>;
  /**
   * Whether this is the password. Without a stored one it takes the time of a wrong password and answers false.
   * Callers take turns; throws `rate_limited` when too many are waiting already.
   */
  verify(password: string, stored: StoredPassword | null, caller: string): Promise<boolean>;
  /** Whether a hash that just matched should be replaced by a fresh one. */
  needsRehash(stored: StoredPassword): boolean;
  /** How many breach checks failed and let their password pass. */
  breachCheckFailures(): number;
}

export function createPasswords(config: Config, log: Logger): Passwords {
  const cost = ownCost(config);
  const queue = createHashQueue({
    maxConcurrent: config.PASSWORD_HASH_CONCURRENCY,
    maxQueued: config.PASSWORD_HASH_QUEUE,
  });
  // A hash that was brought along may take a second and 256 MiB: those wait for each other, and for nobody else.
  const costlyQueue = createHashQueue({
    maxConcurrent: config.COSTLY_HASH_CONCURRENCY,
    maxQueued: Math.ceil(config.PASSWORD_HASH_QUEUE / 4),
  });
  const breaches = createBreachCheck(config, log);

  async function verifyCheap(password: string, stored: StoredPassword | null): Promise<boolean> {
    if (stored && (await verifyPassword(password, stored))) return true;
    // A digest takes microseconds: the quick refusal would tell that the address exists.
    if (!stored || isQuick(stored, cost)) await verifyPassword(password, await decoyHash(cost));
    return false;
  }

  return {
    findStrengthIssues: (password, words) =>
      checkPasswordStrength(password, words, { isBreached: breaches.isBreached }),
    hash: (password, caller) => queue.run(caller, () => hashPassword(password, cost)),
    verify: (password, stored, caller) =>
      stored && isCostly(stored, cost)
        ? costlyQueue.run(caller, () => verifyPassword(password, stored))
        : queue.run(caller, () => verifyCheap(password, stored)),
    needsRehash: (stored) => needsRehash(stored, cost),
    breachCheckFailures: breaches.failures,
  };
}

/**
 * Prepares what the first password would otherwise wait for: the dictionaries and the decoy. Takes half a second, and never
 * rejects: where it fails, there is no memory for instance, the first password tries again.
 */
export async function warmUpPasswords(config: Config, log: Logger): Promise<void> {
  try {
    await loadStrengthEstimator();
    await decoyHash(ownCost(config));
  } catch (error) {
    log.warn({ err: error }, 'passwords could not be prepared; the first one will take longer');
  }
}

/** What a new argon2id costs. */
export function ownCost(config: Config): Argon2Cost {
  return {
    memoryKiB: config.ARGON2_MEMORY_KIB,
    timeCost: config.ARGON2_TIME_COST,
    parallelism: config.ARGON2_PARALLELISM,
  };
}

/** The check fails open: a service that is down must not keep people from choosing a password. */
function createBreachCheck(config: Config, log: Logger) {
  let failures = 0;
  const url = config.PASSWORD_BREACH_CHECK_URL;
  const onFailure = (reason: string) => {
    failures += 1;
    log.warn({ reason, failures }, 'the breach check failed; the password was not checked');
  };
  const timeoutMs = config.PASSWORD_BREACH_CHECK_TIMEOUT_MS;
  return {
    failures: () => failures,
    isBreached: url ? (password: string) => isBreached(password, { url, timeoutMs, onFailure }) : undefined,
  };
}
