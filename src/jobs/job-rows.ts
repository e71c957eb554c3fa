import type { Database, Job } from '../db/database.ts';
import type { Outcome } from './outcome.ts';

/** Takes jobs that are due and that nobody runs, for one process, until their lease ends. */
export async function claimJobs(
  db: Database,
  { kind, limit, now, ...lease }: { kind: string; limit: number; now: Date; lockedBy: string; leaseMs: number },
): Promise<Job[]> {
  return db.transaction(async (tx) => {
    const ids = await db.dueJobs.lock(tx.prisma, kind, now, limit);
    if (ids.length === 0) return [];
    const runAt = new Date(now.getTime() + lease.leaseMs);
    return tx.prisma.job.updateManyAndReturn({
      where: { id: { in: ids } },
      data: { lockedBy: lease.lockedBy, runAt, rerun: false, attempts: { increment: 1 } },
    });
  });
}

/** Gives back what a process has taken and does not run: by a COMMIT whose answer was lost. It was not begun. */
export async function giveBackOthers(db: Database, running: string[], lockedBy: string, runAt: Date): Promise<void> {
  const where = { lockedBy, id: { notIn: running } };
  const data = { lockedBy: null, runAt, attempts: { decrement: 1 } };
  await db.transaction((tx) => tx.prisma.job.updateMany({ where, data }));
}

/** Moves the end of the leases of these jobs; answers the ids of those that this process still has. */
export async function renewLeases(db: Database, ids: string[], lockedBy: string, runAt: Date): Promise<Set<string>> {
  const where = { id: { in: ids }, lockedBy };
  const rows = await db.transaction((tx) =>
    tx.prisma.job.updateManyAndReturn({ where, data: { runAt }, select: { id: true } }),
  );
  return new Set(rows.map(({ id }) => id));
}

/** Stores what became of an attempt, unless another one has begun meanwhile. */
export async function storeOutcome(db: Database, job: Job, { isOver, data }: Outcome, now: Date): Promise<void> {
  const own = { id: job.id, lockedBy: job.lockedBy, attempts: job.attempts };
  // Whoever asks for it again at this very moment comes first or last: a condition on `rerun` is looked at again after them.
  const where = isOver ? { ...own, rerun: false } : own;
  const again = { runAt: now, lockedBy: null, rerun: false, attempts: 0, lastError: null, failedAt: null };
  await db.transaction(async (tx) => {
    await (data ? tx.prisma.job.updateMany({ where, data }) : tx.prisma.job.deleteMany({ where }));
    if (isOver) await tx.prisma.job.updateMany({ where: { ...own, rerun: true }, data: again });
  });
}
