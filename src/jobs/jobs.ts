import type { Logger } from 'pino';
import type { Database, Transaction } from '../db/database.ts';
import { storeJob, storeRecurringJobs } from './enqueue.ts';
import { createRunner, type Timing } from './runner.ts';
import type { JobKinds, NewJob } from './types.ts';

export const defaultTiming: Timing = { leaseMs: 30_000, pollMs: 5000 };

export interface Jobs {
  /** Within a transaction: has this done after its commit, at once if this process runs jobs, by any process otherwise. */
  enqueue(tx: Transaction, job: NewJob): Promise<void>;
  /** After the commit of rows that were not enqueued one by one: looks for what is due now. */
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

interface Given {
  readonly db: Database;
  readonly log: Logger;
  readonly now: () => Date;
  readonly kinds: JobKinds;
}

export function createJobs(given: Given, timing = defaultTiming): Jobs {
  const { db, log, now, kinds } = given;
  let wake = () => {};
  let looping: Promise<void> | null = null;
  let renewing: NodeJS.Timeout | undefined;
  let isStopping = false;
  let mayLook = false;
  const runner = createRunner(given, timing, () => wakeUp());

  function wakeUp(): void {
    mayLook = true;
    wake();
  }

  /** Processes that started together do not look at the database together for ever. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms * (0.75 + Math.random() / 4)).unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (mayLook) wake();
    });
  }

  async function loop(): Promise<void> {
    let areStored = false;
    while (!isStopping) {
      mayLook = false;
      let waitMs = timing.pollMs;
      try {
        if (!areStored) await db.transaction((tx) => storeRecurringJobs(tx, kinds, now()));
        areStored = true;
        waitMs = await runner.beginDue();
      } catch (error) {
        log.warn({ err: error }, 'jobs wait: the database did not answer');
      }
      await pause(waitMs);
    }
  }

  async function end(timeoutMs: number): Promise<void> {
    isStopping = true;
    runner.abort();
    wakeUp();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([timeout, Promise.resolve(looping).then(() => runner.settled())]);
    clearTimeout(timer);
    clearInterval(renewing);
    const jobs = runner.running();
    if (jobs.length > 0) log.warn({ jobs }, 'jobs did not end in time: another process runs them again');
  }

  let ending: Promise<void> | null = null;

  return {
    async enqueue(tx, job) {
      if (!kinds[job.kind]) throw new Error(`There is no kind of job '${job.kind}'.`);
      await storeJob(tx, job, now());
      tx.afterCommit(wakeUp);
    },
    wake: wakeUp,
    start() {
      if (looping || isStopping) return;
      looping = loop();
      const renew = () =>
        runner.renew().catch((error: unknown) => log.warn({ err: error }, 'leases of jobs could not be renewed'));
      renewing = setInterval(renew, timing.leaseMs / 3).unref();
    },
    async runDue() {
      do await runner.beginDue();
      while (await anyEnded());
    },
    stop(timeoutMs) {
      ending ??= end(timeoutMs);
      return ending;
    },
  };

  async function anyEnded(): Promise<boolean> {
    const wasRunning = runner.running().length > 0;
    await runner.settled();
    return wasRunning;
  }
}
