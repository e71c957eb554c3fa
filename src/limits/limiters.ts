import { RateLimiterMemory, RateLimiterPostgres, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Counters } from '../db/postgresql/counters.ts';
import { DomainError } from '../errors.ts';

interface LimiterOptions {
  readonly keyPrefix: string;
  readonly points: number;
  /** In seconds. */
  readonly duration: number;
  /** Remembers in this process who is over the limit. Not for a limit that is cleared before its time. */
  readonly remember?: boolean;
}

type Limiter = RateLimiterMemory | RateLimiterPostgres;

/** Makes a limiter that counts where all others of the service count. */
export type Limiters = (options: LimiterOptions) => Limiter;

/** Limiters that count in the database, for all processes together; without, in this process. */
export function createLimiters(counters: Counters | null): Limiters {
  return ({ remember = false, ...options }) => {
    const inMemory = new RateLimiterMemory(options);
    if (!counters) return inMemory;
    return new RateLimiterPostgres({
      ...options,
      storeClient: counters,
      storeType: 'client',
      schemaName: counters.schema,
      tableName: counters.table,
      tableCreated: true,
      insuranceLimiter: inMemory, // while the database is away
      ...(remember && { inMemoryBlockOnConsumed: options.points + 1 }),
    });
  };
}

/** The error that a limiter's rejection stands for; anything else that was thrown is thrown on. */
export function tooMany(
  rejection: unknown,
  message: string,
  code: 'rate_limited' | 'daily_quota_exceeded' = 'rate_limited',
): DomainError {
  if (rejection instanceof Error) throw rejection;
  const retryAfterSeconds = Math.max(1, Math.ceil((rejection as RateLimiterRes).msBeforeNext / 1000));
  return new DomainError(code, `${message} Try again in ${retryAfterSeconds} seconds.`, {
    retryAfterSeconds,
  });
}
