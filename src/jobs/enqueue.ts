import type { Job, Prisma, Transaction } from '../db/database.ts';
import { newId } from '../input/ids.ts';
import type { JobKinds, NewJob } from './types.ts';

/** Within a transaction: stores a job. Of those with one key there is one row. */
export async function storeJob(tx: Transaction, { kind, payload = {}, key, runAt }: NewJob, now: Date): Promise<void> {
  const due = runAt ?? now;
  const data = { ...newRow(kind, now), payload, runAt: due };
  if (key === undefined) {
    await tx.prisma.job.create({ data });
    return;
  }
  // While it runs, it may have read what is out of date by now. The row stays locked until the end of the transaction.
  await tx.prisma.job.upsert({ where: { key }, create: { ...data, key }, update: { rerun: true } });
  const isIdle: Prisma.JobWhereInput = { key, lockedBy: null };
  const hasFailed = { ...isIdle, runAt: null };
  await tx.prisma.job.updateMany({ where: hasFailed, data: { runAt: due, attempts: 0, failedAt: null, payload } });
  // One that waits after a failure goes on waiting: asking again must not press what is away.
  await tx.prisma.job.updateMany({ where: { ...isIdle, attempts: 0, runAt: { gt: due } }, data: { runAt: due } });
}

/** The first run waits a little, so that the first answers of the server need not. */
const firstRunMs = 10_000;

/** Within a transaction: has a row for each recurring kind. */
export async function storeRecurringJobs(tx: Transaction, kinds: JobKinds, now: Date): Promise<void> {
  for (const [kind, { everySeconds: intervalSeconds }] of Object.entries(kinds)) {
    if (intervalSeconds === undefined) continue;
    const runAt = new Date(now.getTime() + firstRunMs);
    const create = { ...newRow(kind, now), key: kind, payload: {}, runAt, intervalSeconds };
    await tx.prisma.job.upsert({ where: { key: kind }, create, update: { intervalSeconds } });
  }
}

/** The row of a job without a key, as `storeJob` would store it, for whoever writes many rows with one statement. */
export function newJobRow({ kind, payload = {}, runAt }: Omit<NewJob, 'key'>, now: Date): Job {
  const none = { key: null, lockedBy: null, intervalSeconds: null, lastError: null, failedAt: null };
  return {
    ...newRow(kind, now),
    ...none,
    payload: payload as Job['payload'],
    runAt: runAt ?? now,
    attempts: 0,
    rerun: false,
  };
}

function newRow(kind: string, now: Date) {
  return { ...newId('job', now), kind };
}
