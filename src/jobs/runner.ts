import { randomUUID } from 'node:crypto';
import type { Job } from '../db/database.ts';
import { claimJobs, giveBackOthers, renewLeases } from './job-rows.ts';
import { createRenewals } from './renewals.ts';
import { runJob } from './run-job.ts';
import { createRunning } from './running.ts';
import type { JobKind, JobsGiven } from './types.ts';

export interface Timing {
  /** After this, what a process that is gone had begun runs again. Renewed three times meanwhile. */
  readonly leaseMs: number;
  /** How often an idle process looks for what others have asked for, or left behind. */
  readonly pollMs: number;
}

export const defaultTiming: Timing = { leaseMs: 30_000, pollMs: 5000 };

/** Takes what is due, and works on it. */
export interface Runner {
  /** Begins what is due, as far as there is room; answers how long to wait before looking again. */
  beginDue(): Promise<number>;
  /** Resolves when all that runs now has ended. */
  settled(): Promise<void>;
  renew(): Promise<void>;
  /** Asks all that runs to end, and begins no more. */
  abort(): void;
  /** What runs. */
  running(): { id: string; kind: string }[];
}

/** What another process is just taking is looked at again so soon. */
export const contendedMs = 100;

/** How long to wait for a moment, if there is one, and for whatever others ask for. */
export function waitFor(moment: Date | null, now: Date, { pollMs }: Timing): number {
  return moment === null ? pollMs : Math.min(pollMs, Math.max(contendedMs, moment.getTime() - now.getTime()));
}

/** Runs the jobs that one process takes. `onRoom` is told when one of them has ended. */
export function createRunner(given: JobsGiven, timing: Timing, onRoom: () => void): Runner {
  const { db, now, kinds } = given;
  const lockedBy = randomUUID();
  const running = createRunning<Job>((job, controller, stopping) => runJob(given, job, controller, stopping), onRoom);

  const roomFor = (name: string, { concurrency = 1 }: JobKind) =>
    concurrency - running.list().filter(({ kind }) => kind === name).length;

  async function renewRunning(): Promise<void> {
    const ids = running.list().map(({ id }) => id);
    if (ids.length === 0) return;
    const kept = await renewLeases(db, ids, lockedBy, new Date(now().getTime() + timing.leaseMs));
    for (const id of ids) if (!kept.has(id)) running.lose(id);
  }

  let isClaimUnknown = false;

  async function giveBackUnknown(): Promise<void> {
    if (!isClaimUnknown) return;
    await giveBackOthers(
      db,
      running.list().map(({ id }) => id),
      lockedBy,
      now(),
    );
    isClaimUnknown = false;
  }

  const { renew, catchUp } = createRenewals(renewRunning, timing.leaseMs, now);

  /** Answers how many it began. */
  async function claim(kind: string): Promise<number> {
    await catchUp();
    const limit = roomFor(kind, kinds[kind] as JobKind);
    isClaimUnknown = true;
    const jobs = await claimJobs(db, { kind, limit, now: now(), lockedBy, leaseMs: timing.leaseMs });
    isClaimUnknown = false;
    jobs.forEach(running.begin);
    return jobs.length;
  }

  return {
    renew,
    settled: running.settled,
    abort: running.abort,
    running: () => running.list().map(({ id, kind }) => ({ id, kind })),
    async beginDue() {
      await giveBackUnknown();
      for (;;) {
        const open = Object.keys(kinds).filter((name) => roomFor(name, kinds[name] as JobKind) > 0);
        if (open.length === 0 || running.isStopping()) return timing.pollMs;
        const next = await db.dueJobs.next(open);
        let begun = 0;
        for (const [kind, at] of next) if (at <= now()) begun += await claim(kind);
        if (begun > 0) continue;
        const soonest = next.size > 0 ? new Date(Math.min(...[...next.values()].map(Number))) : null;
        return waitFor(soonest, now(), timing);
      }
    },
  };
}
