import type { Job, Prisma } from '../db/database.ts';
import { reasonWithoutValues } from '../errors.ts';
import { backOffMs } from './back-off.ts';
import type { JobKind, Result } from './types.ts';

const defaultMaxAttempts = 10;

/** What becomes of the row of a job after an attempt. */
export interface Outcome {
  /** Whether the work is done or given up: then what was asked for meanwhile begins anew. */
  readonly isOver: boolean;
  /** What changes; null where the row goes. */
  readonly data: Prisma.JobUpdateManyMutationInput | null;
}

export function maxAttemptsOf({ maxAttempts = defaultMaxAttempts }: JobKind): number {
  return maxAttempts;
}

/** What becomes of a job whose attempt ended so. */
export function decideOutcome(
  job: Pick<Job, 'attempts' | 'intervalSeconds'>,
  kind: JobKind,
  result: Result,
  now: Date,
): Outcome {
  if (result.kind === 'released') return goesOn(now, { attempts: job.attempts - 1 });
  const next = job.intervalSeconds === null ? null : after(now, job.intervalSeconds * 1000);
  if (result.kind === 'done') {
    const fresh = { runAt: next, lockedBy: null, attempts: 0, lastError: null, failedAt: null };
    return { isOver: true, data: next && fresh };
  }
  const lastError = reasonWithoutValues(result.error);
  if (job.attempts < maxAttemptsOf(kind)) {
    return goesOn(after(now, backOffMs(job.attempts)), { lastError });
  }
  const failed = { runAt: next, lockedBy: null, lastError, failedAt: now };
  return { isOver: true, data: next ? { ...failed, attempts: 0 } : failed };
}

function goesOn(runAt: Date, others: Prisma.JobUpdateManyMutationInput): Outcome {
  return { isOver: false, data: { runAt, lockedBy: null, ...others } };
}

function after(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms);
}
