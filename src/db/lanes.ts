interface Waiting<Job, Result> {
  readonly job: Job;
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface LaneOptions<Job, Result extends object> {
  /** Jobs with the same key wait for each other. */
  keyOf(job: Job): string;
  /**
   * Answers one result a job, in order, or null for one that is to be run again after those of other keys; when it throws,
   * these jobs are refused with that error, and no others.
   */
  run(jobs: Job[]): Promise<(Result | null)[]>;
  /** So many jobs of one key run together at most. */
  readonly maxSize: number;
  /** So many keys run at once at most. */
  readonly maxRunning: number;
  /** A job that has no result after so long is not run again, but refused; 0 for no limit. */
  readonly maxWaitMs: number;
  /** What it is refused with. */
  tooLate(job: Job): unknown;
}

/** Runs jobs that have to wait for somebody else, each key by itself and in turns, so that those of one keep no other waiting. */
export function createLanes<Job, Result extends object>(
  options: LaneOptions<Job, Result>,
): (job: Job) => Promise<Result> {
  const { keyOf, maxSize, maxRunning } = options;
  const lanes = new Map<string, Waiting<Job, Result>[]>();
  const running = new Set<string>();

  function start(): void {
    for (const [key, lane] of lanes) {
      if (running.size >= maxRunning) return;
      if (running.has(key)) continue;
      const batch = lane.splice(0, maxSize);
      if (lane.length === 0) lanes.delete(key);
      running.add(key);
      runBatch(options, batch).then((again) => {
        running.delete(key);
        putBack(key, again);
        start();
      });
    }
  }

  /** They go on before those of their key that came since, and after all other keys. */
  function putBack(key: string, again: Waiting<Job, Result>[]): void {
    if (again.length === 0) return;
    const since = lanes.get(key) ?? [];
    lanes.delete(key);
    lanes.set(key, [...again, ...since]);
  }

  return (job) =>
    new Promise((resolve, reject) => {
      const waiting = { job, since: performance.now(), resolve, reject };
      const key = keyOf(job);
      const lane = lanes.get(key);
      if (lane) lane.push(waiting);
      else lanes.set(key, [waiting]);
      start();
    });
}

/** Answers those that are to be run again. */
async function runBatch<Job, Result extends object>(
  { run, maxWaitMs, tooLate }: LaneOptions<Job, Result>,
  batch: Waiting<Job, Result>[],
): Promise<Waiting<Job, Result>[]> {
  const isLate = ({ since }: Waiting<Job, Result>) => maxWaitMs > 0 && performance.now() - since > maxWaitMs;
  const [late, inTime] = [batch.filter(isLate), batch.filter((waiting) => !isLate(waiting))];
  for (const { job, reject } of late) reject(tooLate(job));
  if (inTime.length === 0) return [];
  try {
    const results = await run(inTime.map(({ job }) => job));
    for (const [i, { resolve }] of inTime.entries()) if (results[i]) resolve(results[i]);
    return inTime.filter((_waiting, i) => !results[i]);
  } catch (error) {
    for (const { reject } of inTime) reject(error);
    return [];
  }
}
