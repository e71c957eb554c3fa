import type { Logger } from 'pino';
import type { Job } from '../db/database.ts';
import { reasonWithoutValues } from '../errors.ts';
import { attempt } from './attempt.ts';
import { storeOutcome } from './job-rows.ts';
import { decideOutcome } from './outcome.ts';
import { persistently } from './persist.ts';
import type { JobKind, JobsGiven, Result } from './types.ts';

/** Tries a job, and stores what became of it; never rejects. */
export async function runJob(
  given: JobsGiven,
  job: Job,
  controller: AbortController,
  stopping: AbortSignal,
): Promise<void> {
  const kind = given.kinds[job.kind] as JobKind;
  try {
    await settle(given, job, await attempt(job, kind, controller), stopping);
  } catch (error) {
    const line = { jobId: job.id, kind: job.kind, err: error };
    given.log.warn(line, 'what became of a job could not be stored: it may run again');
  }
}

/** The lease is renewed meanwhile. */
async function settle({ db, log, now, kinds }: JobsGiven, job: Job, result: Result, stopping: AbortSignal) {
  const outcome = decideOutcome(job, kinds[job.kind] as JobKind, result, now());
  if (result.kind === 'failed') tellFailure(log, job, result.error, outcome.isOver);
  await persistently(() => storeOutcome(db, job, outcome, now()), stopping);
}

function tellFailure(log: Logger, { id, kind, attempts, intervalSeconds }: Job, error: unknown, isOver: boolean): void {
  const line = { jobId: id, kind, attempts, err: error, reason: reasonWithoutValues(error) };
  if (!isOver) log.warn(line, 'a job failed, and is tried again');
  else if (intervalSeconds === null) log.error(line, 'a job has failed for good: see "job list"');
  else log.error(line, 'a recurring job has failed, and is left until its next time');
}
