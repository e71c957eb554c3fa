import type { Job } from '../db/database.ts';
import { maxAttemptsOf } from './outcome.ts';
import { afterRunning } from './time-limit.ts';
import type { JobKind, Result } from './types.ts';

const defaultTimeoutMs = 600_000;

/** Why the signal of a job is aborted when the server stops: what it has not done is for the next process. */
export class Stopping extends Error {
  override readonly name = 'Stopping';
}

/** Runs the handler of a job once, for as long as it may take; never throws. One that does not heed its signal is left to itself. */
export async function attempt(job: Job, kind: JobKind, controller: AbortController): Promise<Result> {
  if (job.attempts > maxAttemptsOf(kind)) {
    return { kind: 'failed', error: new Error('Each process that ran it ended before it was done.') };
  }
  const { signal } = controller;
  const timeoutMs = kind.timeoutMs ?? defaultTimeoutMs;
  const putOff = afterRunning(timeoutMs, () => controller.abort(new Error(`It took longer than ${timeoutMs} ms.`)));
  try {
    const work = kind.handle(job.payload, { id: job.id, attempt: job.attempts, signal });
    await Promise.race([work, unlessStopping(signal)]);
    return { kind: 'done' };
  } catch (error) {
    return signal.reason instanceof Stopping ? { kind: 'released' } : { kind: 'failed', error: signal.reason ?? error };
  } finally {
    putOff();
  }
}

/** Rejects when the work is given up. At a stop it may still finish. */
function unlessStopping(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => signal.reason instanceof Stopping || reject(signal.reason));
  });
}
