import type { Database, Prisma } from '../db/database.ts';
import { eachBlock, eraseEventsOf, newErasure, nextLook, parseErasure } from '../events/erase.ts';
import { storeJob } from '../jobs/enqueue.ts';

interface EraseApp {
  readonly db: Database;
  readonly now: () => Date;
}

/**
 * Takes what is personal out of the events of a user who is deleted, and out of what endpoints answered to them: once all was
 * delivered, also that they are deleted, or after three days. Until then a later job looks again.
 */
export async function eraseWhenDelivered(
  { db, now }: EraseApp,
  payload: Prisma.JsonValue,
  signal: AbortSignal,
): Promise<void> {
  const erasure = parseErasure(payload);
  const { userId, deletedAt } = erasure;
  const runAt = nextLook(erasure, now());
  if (runAt && (await isWaiting(db, userId, signal))) {
    await db.transaction((tx) => storeJob(tx, { ...newErasure(userId, deletedAt), runAt }, now()));
    return;
  }
  await eraseEventsOf(db, userId, signal);
  await eachBlock(db, userId, signal, async (events) => {
    const where = { eventId: { in: events.map(({ id }) => id) }, answer: { not: null } };
    await db.transaction((tx) => tx.prisma.webhookDelivery.updateMany({ where, data: { answer: '' } }));
  });
}

/** Whether something of a user is still to be delivered. */
async function isWaiting(db: Database, userId: string, signal: AbortSignal): Promise<boolean> {
  let waiting = 0;
  await eachBlock(db, userId, signal, async (events) => {
    const eventId = { in: events.map(({ id }) => id) };
    waiting += await db.reader.webhookDelivery.count({ where: { eventId, state: 'pending' } });
  });
  return waiting > 0;
}
