interface Waiting<Job, Result> {
  readonly job: Job;
  readonly resolve: (result: Result | PromiseLike<Result>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the jobs of an event-loop turn, and those that come while a batch is under way, and runs them together. `run`
 * answers one result a job, in order, or the promise of one that the next batch does not wait for; when it throws, every job
 * of the batch is refused with that error.
 */
export function createBatcher<Job, Result>(
  run: (jobs: Job[]) => Promise<(Result | PromiseLike<Result>)[]>,
  maxSize: number,
) {
  let waiting: Waiting<Job, Result>[] = [];
  let isScheduled = false;

  /** While more jobs come with every turn of the event loop, the batch waits for them. */
  function schedule(): void {
    const { length } = waiting;
    setImmediate(() => {
      if (waiting.length > length && waiting.length < maxSize) schedule();
      else runBatch();
    });
  }

  async function runBatch(): Promise<void> {
    const batch = waiting.slice(0, maxSize);
    waiting = waiting.slice(maxSize);
    try {
      const results = await run(batch.map(({ job }) => job));
      for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Result | PromiseLike<Result>);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    isScheduled = waiting.length > 0;
    if (isScheduled) schedule();
  }

  return (job: Job): Promise<Result> =>
    new Promise((resolve, reject) => {
      waiting.push({ job, resolve, reject });
      if (isScheduled) return;
      isScheduled = true;
      schedule();
    });
}
