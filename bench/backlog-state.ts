import type { DatabaseClient } from '../src/db/database.ts';
import { replayJob } from '../src/webhooks/replay.ts';

/** Whether anything is still to be sent, or to be made for being sent again. Reads what is committed, so that none is overlooked. */
export async function isWaiting({ webhookDelivery, job }: DatabaseClient): Promise<boolean> {
  // The job first: its last block is committed before it is done.
  if (await job.findFirst({ where: { kind: replayJob }, select: { id: true } })) return true;
  return (await webhookDelivery.findFirst({ where: { state: 'pending' }, select: { id: true } })) !== null;
}

/** What a backlog that stands still waits for, as lines to be read: deliveries by their state, endpoints by their health, jobs. */
export async function describeBacklog({ webhookDelivery, webhookEndpoint, job }: DatabaseClient): Promise<string> {
  const deliveries = await webhookDelivery.groupBy({
    by: ['state', 'attempt', 'lastStatus', 'lastError'],
    _count: true,
    _min: { dueAt: true, leasedUntil: true },
    _max: { dueAt: true, leasedUntil: true, finishedAt: true },
  });
  const endpoints = await webhookEndpoint.groupBy({ by: ['status', 'failures', 'disabledReason'], _count: true });
  const jobs = await job.findMany({
    where: { kind: replayJob },
    select: { runAt: true, attempts: true, lockedBy: true, lastError: true, payload: true },
  });
  const now = new Date();
  return [{ now }, ...deliveries, ...endpoints, ...jobs].map((row) => JSON.stringify(row)).join('\n');
}
