import { randomUUID } from 'node:crypto';
import { claimJobs, renewLeases } from './job-rows.ts';
import { runJob } from './run-job.ts';
import { createRunningJobs } from './running-jobs.ts';
import type { JobKind, JobKinds, JobsGiven } from './types.ts';

export interface Timing {
  /** After this, a job of a process that is gone runs again. Renewed three times meanwhile. */
  readonly leaseMs: number;
  /** How often an idle process looks for what others have asked for, or left behind. */
  readonly pollMs: number;
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

/** What another process is just taking is looked at again so soon. */
const contendedMs = 100;

/** Runs the jobs that one process takes. `onRoom` is told when one of them has ended. */
export function createRunner(given: JobsGiven, { leaseMs, pollMs }: Timing, onRoom: () => void): Runner {
  const { db, now, kinds } = given;
  const lockedBy = randomUUID();
  const running = createRunningJobs((job, controller, stopping) => runJob(given, job, controller, stopping), onRoom);

  const roomFor = (name: string, { concurrency = 1, pausedUntil }: JobKind) =>
    pausedUntil?.() ? 0 : concurrency - running.count(name);

  /** Answers how many it began. */
  async function claim(kind: string): Promise<number> {
    const limit = roomFor(kind, kinds[kind] as JobKind);
    const jobs = await claimJobs(db, { kind, limit, now: now(), lockedBy, leaseMs });
    jobs.forEach(running.begin);
    return jobs.length;
  }

  return {
    settled: running.settled,
    abort: running.abort,
    running: running.list,
    async beginDue() {
      for (;;) {
        const open = Object.keys(kinds).filter((name) => roomFor(name, kinds[name] as JobKind) > 0);
        if (open.length === 0 || running.isStopping()) return pollMs;
        const next = await db.dueJobs.next(open);
        let begun = 0;
        for (const [kind, at] of next) if (at <= now()) begun += await claim(kind);
        if (begun > 0) continue;
        const soonest = Math.min(...[...next.values(), ...pauseEnds(kinds)].map(Number));
        return Math.min(pollMs, Math.max(contendedMs, soonest - now().getTime()));
      }
    },
    async renew() {
      const ids = running.list().map(({ id }) => id);
      if (ids.length === 0) return;
      const kept = await renewLeases(db, ids, lockedBy, new Date(now().getTime() + leaseMs));
      for (const id of ids) if (!kept.has(id)) running.lose(id);
    },
  };
}

function pauseEnds(kinds: JobKinds): Date[] {
  return Object.values(kinds).flatMap(({ pausedUntil }) => pausedUntil?.() ?? []);
}
