import type { Transaction } from '../db/database.ts';
import { storeJob, storeRecurringJobs } from './enqueue.ts';
import { createRunner, defaultTiming } from './runner.ts';
import type { JobsGiven, NewJob } from './types.ts';
import { createWorker, type Worker } from './worker.ts';

export interface Jobs extends Omit<Worker, 'runDue'> {
  /** Within a transaction: has this done after its commit, in a moment if this process runs jobs, by any process otherwise. */
  enqueue(tx: Transaction, job: NewJob): Promise<void>;
  /** Runs what is due until nothing is: for tests, whose time stands still. */
  runDue(): Promise<void>;
}

/** `beside`: what works whenever jobs are run, on rows of its own. */
export function createJobs(given: JobsGiven, timing = defaultTiming, beside: readonly Worker[] = []): Jobs {
  const { db, log, kinds, now } = given;
  const prepare = () => db.transaction((tx) => storeRecurringJobs(tx, kinds, now()));
  const own = createWorker({ log, name: 'jobs', timing, prepare }, (onRoom) => createRunner(given, timing, onRoom));
  const all = [own, ...beside];

  return {
    async enqueue(tx, job) {
      if (!kinds[job.kind]) throw new Error(`There is no kind of job '${job.kind}'.`);
      await storeJob(tx, job, now());
      tx.afterCommit(own.wake);
    },
    wake: own.wake,
    start() {
      for (const worker of all) worker.start();
    },
    async runDue() {
      for (let wasDue = true; wasDue; ) {
        wasDue = false;
        for (const worker of all) wasDue = (await worker.runDue()) || wasDue;
      }
    },
    async stop(timeoutMs) {
      await Promise.all(all.map((worker) => worker.stop(timeoutMs)));
    },
  };
}
