import { Writable } from 'node:stream';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { createJobs, type Jobs } from '../../src/jobs/jobs.ts';
import type { Timing } from '../../src/jobs/runner.ts';
import type { JobKinds, NewJob } from '../../src/jobs/types.ts';
import { logSerializers } from '../../src/log/log.ts';
import { copyOptions } from './copies.ts';
import { createTestDatabase } from './test-database.ts';

export interface JobProcess {
  readonly db: Database;
  readonly jobs: Jobs;
  /** Has this done, in a transaction of its own. */
  enqueue(job: NewJob): Promise<void>;
  rows(where?: object): ReturnType<Database['reader']['job']['findMany']>;
  logged(): string;
}

/** A clock that stands still until it is moved. */
export function stoppedClock() {
  let time = Date.UTC(2026, 0, 15);
  return {
    now: () => new Date(time),
    forward: (ms: number) => {
      time += ms;
    },
  };
}

/** A database of this test's own. */
export async function jobsDatabase(): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(database.remove);
  return database.url;
}

/** What one process has of jobs: its own connections, and its own runner. */
export async function openJobs(
  url: string,
  kinds: JobKinds,
  { now = () => new Date(), timing }: { now?: () => Date; timing?: Timing } = {},
): Promise<JobProcess> {
  const lines: string[] = [];
  const write = (chunk: unknown, _encoding: unknown, done: () => void) => {
    lines.push(String(chunk));
    done();
  };
  const db = await openDatabase({ ...copyOptions, url });
  const jobs = createJobs(
    { db, log: pino({ serializers: logSerializers }, new Writable({ write })), now, kinds },
    timing,
  );
  onTestFinished(async () => {
    await jobs.stop(100);
    await db.close();
  });
  return {
    db,
    jobs,
    enqueue: (job) => db.transaction((tx) => jobs.enqueue(tx, job)),
    rows: (where = {}) => db.reader.job.findMany({ where, orderBy: { id: 'asc' } }),
    logged: () => lines.join(''),
  };
}

/** A promise, and the function that resolves it. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
