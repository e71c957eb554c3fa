import type { Alarm } from './alarm.ts';
import { storeRecurringJobs } from './enqueue.ts';
import type { Runner, Timing } from './runner.ts';
import { waitAtMost } from './time-limit.ts';
import type { JobsGiven } from './types.ts';

/** What keeps a process looking for jobs from its start to its stop. */
export interface JobLoop {
  start(): void;
  stop(timeoutMs: number): Promise<void>;
}

export function createJobLoop(given: JobsGiven, timing: Timing, runner: Runner, alarm: Alarm): JobLoop {
  const { log } = given;
  const stopping = new AbortController();
  let looping: Promise<void> | null = null;
  let renewing: NodeJS.Timeout | undefined;
  let ending: Promise<void> | null = null;

  const renew = () =>
    runner.renew().catch((error: unknown) => log.warn({ err: error }, 'leases of jobs could not be renewed'));

  async function end(timeoutMs: number): Promise<void> {
    stopping.abort();
    runner.abort();
    alarm.ring();
    await waitAtMost(
      timeoutMs,
      Promise.resolve(looping).then(() => runner.settled()),
    );
    clearInterval(renewing);
    const jobs = runner.running();
    if (jobs.length > 0) log.warn({ jobs }, 'jobs did not end in time: another process runs them again');
  }

  return {
    start() {
      if (looping || stopping.signal.aborted) return;
      looping = loop(given, timing, runner, alarm, stopping.signal);
      renewing = setInterval(renew, timing.leaseMs / 3).unref();
    },
    stop(timeoutMs) {
      ending ??= end(timeoutMs);
      return ending;
    },
  };
}

async function loop(
  { db, log, now, kinds }: JobsGiven,
  { pollMs }: Timing,
  runner: Runner,
  alarm: Alarm,
  stopping: AbortSignal,
): Promise<void> {
  let areStored = false;
  while (!stopping.aborted) {
    alarm.reset();
    let waitMs = pollMs;
    try {
      if (!areStored) await db.transaction((tx) => storeRecurringJobs(tx, kinds, now()));
      areStored = true;
      waitMs = await runner.beginDue();
    } catch (error) {
      log.warn({ err: error }, 'jobs wait: the database did not answer');
    }
    await alarm.pause(waitMs);
  }
}
