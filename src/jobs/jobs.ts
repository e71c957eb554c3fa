import type { Transaction } from '../db/database.ts';
import { createAlarm } from './alarm.ts';
import { storeJob } from './enqueue.ts';
import { createJobLoop } from './loop.ts';
import { createRunner, type Timing } from './runner.ts';
import type { JobsGiven, NewJob } from './types.ts';

export const defaultTiming: Timing = { leaseMs: 30_000, pollMs: 5000 };

export interface Jobs {
  /** Within a transaction: has this done after its commit, in a moment if this process runs jobs, by any process otherwise. */
  enqueue(tx: Transaction, job: NewJob): Promise<void>;
  /** After the commit of rows that were not enqueued one by one: looks for what is due, in a moment. */
  wake(): void;
  /** Runs jobs from now on. */
  start(): void;
  /** Runs what is due until nothing is: for tests, whose time stands still. */
  runDue(): Promise<void>;
  /**
   * Begins no more jobs, asks those that run to end, and waits for so long. One that was not done, and ended in time, is for
   * the next process at once; one that hangs, when its lease is over.
   */
  stop(timeoutMs: number): Promise<void>;
}

export function createJobs(given: JobsGiven, timing = defaultTiming): Jobs {
  const { kinds, now } = given;
  const alarm = createAlarm();
  const runner = createRunner(given, timing, alarm.ring);
  const { start, stop } = createJobLoop(given, timing, runner, alarm);

  async function anyEnded(): Promise<boolean> {
    const wasRunning = runner.running().length > 0;
    await runner.settled();
    return wasRunning;
  }

  return {
    async enqueue(tx, job) {
      if (!kinds[job.kind]) throw new Error(`There is no kind of job '${job.kind}'.`);
      await storeJob(tx, job, now());
      tx.afterCommit(alarm.ringSoon);
    },
    wake: alarm.ringSoon,
    start,
    async runDue() {
      do await runner.beginDue();
      while (await anyEnded());
    },
    stop,
  };
}
