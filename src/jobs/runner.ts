import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database, Job } from '../db/database.ts';
import { reasonWithoutValues } from '../errors.ts';
import { attempt, Stopping } from './attempt.ts';
import { claimJobs, renewLeases, storeOutcome } from './job-rows.ts';
import { decideOutcome } from './outcome.ts';
import type { JobKind, JobKinds, Result } from './types.ts';

export interface Timing {
  /** After this, a job of a process that is gone runs again. Renewed three times meanwhile. */
  readonly leaseMs: number;
  /** How often an idle process looks for what others have asked for, or left behind. */
  readonly pollMs: number;
}

interface Running {
  readonly job: Job;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

export interface Runner {
  /** Begins what is due, as far as there is room; answers how long to wait before looking again. */
  beginDue(): Promise<number>;
  /** Resolves when all jobs that run now have ended. */
  settled(): Promise<void>;
  renew(): Promise<void>;
  /** Asks all jobs that run to end, and begins no more. */
  abort(): void;
  /** Which jobs run. */
  running(): { id: string; kind: string }[];
}

const outcomeTries = 5;
/** What another process is just taking is looked at again so soon. */
const contendedMs = 100;

/** Runs the jobs that one process takes. `onRoom` is told when one of them has ended. */
export function createRunner(
  { db, log, now, kinds }: { db: Database; log: Logger; now: () => Date; kinds: JobKinds },
  { leaseMs, pollMs }: Timing,
  onRoom: () => void,
): Runner {
  const lockedBy = randomUUID();
  const running = new Map<string, Running>();
  const stopping = new AbortController();

  const roomFor = (name: string, { concurrency = 1, pausedUntil }: JobKind) =>
    pausedUntil?.() ? 0 : concurrency - [...running.values()].filter(({ job }) => job.kind === name).length;

  const pauseEnds = () => Object.values(kinds).flatMap(({ pausedUntil }) => pausedUntil?.() ?? []);

  function begin(job: Job): void {
    const kind = kinds[job.kind] as JobKind;
    const controller = new AbortController();
    const ended = attempt(job, kind, controller)
      .then((result) => settle(job, kind, result))
      .catch((error: unknown) => tellUnsettled(job, error))
      .finally(() => {
        running.delete(job.id);
        onRoom();
      });
    running.set(job.id, { job, controller, ended });
    if (stopping.signal.aborted) controller.abort(new Stopping());
  }

  /** The database may be away for a moment just now; the lease is renewed meanwhile. */
  async function settle(job: Job, kind: JobKind, result: Result): Promise<void> {
    const outcome = decideOutcome(job, kind, result, now());
    if (result.kind === 'failed') tellFailure(job, result.error, outcome.isOver);
    for (let tries = 1; ; tries += 1) {
      try {
        return await storeOutcome(db, job, outcome, now());
      } catch (error) {
        if (tries === outcomeTries) throw error;
        await sleep(1000 * tries, undefined, { signal: stopping.signal, ref: false });
      }
    }
  }

  function tellFailure({ id, kind, attempts, intervalSeconds }: Job, error: unknown, isOver: boolean): void {
    const line = { jobId: id, kind, attempts, err: error, reason: reasonWithoutValues(error) };
    if (!isOver) log.warn(line, 'a job failed, and is tried again');
    else if (intervalSeconds === null) log.error(line, 'a job has failed for good: see "job list"');
    else log.error(line, 'a recurring job has failed, and is left until its next time');
  }

  function tellUnsettled({ id, kind }: Job, error: unknown): void {
    log.warn({ jobId: id, kind, err: error }, 'what became of a job could not be stored: it may run again');
  }

  return {
    async beginDue() {
      for (;;) {
        const open = Object.keys(kinds).filter((name) => roomFor(name, kinds[name] as JobKind) > 0);
        if (open.length === 0 || stopping.signal.aborted) return pollMs;
        const next = await db.dueJobs.next(open);
        const due = [...next].filter(([, at]) => at <= now());
        let begun = 0;
        for (const [kind] of due) {
          const limit = roomFor(kind, kinds[kind] as JobKind);
          const jobs = await claimJobs(db, { kind, limit, now: now(), lockedBy, leaseMs });
          jobs.forEach(begin);
          begun += jobs.length;
        }
        if (begun > 0) continue;
        const waitMs = Math.min(...[...next.values(), ...pauseEnds()].map((at) => at.getTime() - now().getTime()));
        return Math.min(pollMs, Math.max(contendedMs, waitMs));
      }
    },
    async settled() {
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
    async renew() {
      const ids = [...running.keys()];
      if (ids.length === 0) return;
      const kept = await renewLeases(db, ids, lockedBy, new Date(now().getTime() + leaseMs));
      for (const id of ids) {
        if (!kept.has(id)) running.get(id)?.controller.abort(new Error('Another process has taken it over.'));
      }
    },
    abort() {
      stopping.abort();
      for (const { controller } of running.values()) controller.abort(new Stopping());
    },
    running: () => [...running.values()].map(({ job: { id, kind } }) => ({ id, kind })),
  };
}
