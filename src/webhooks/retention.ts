import type { Database } from '../db/database.ts';
import { firstIdAt } from '../input/ids.ts';
import { inBlocks } from '../jobs/blocks.ts';

const dayMs = 24 * 3_600_000;
const keptDays = 30;
const blockSize = 500;

/**
 * Removes deliveries that are older than a month, or than events are kept, but for what is still to be sent; answers how many. So
 * none outlives its event for long, by which its user is known.
 */
export async function removeOldDeliveries(
  db: Database,
  { eventDays, now }: { eventDays: number; now: Date },
  signal: AbortSignal,
): Promise<number> {
  const oldest = new Date(now.getTime() - Math.min(keptDays, eventDays) * dayMs);
  let removed = 0;
  await inBlocks(signal, async (cursor) => {
    const rows = await db.reader.webhookDelivery.findMany({
      where: { id: { gt: cursor, lt: firstIdAt('whd', oldest) }, OR: [{ dueAt: null }, { dueAt: { lt: oldest } }] },
      orderBy: { id: 'asc' },
      take: blockSize,
      select: { id: true },
    });
    const where = { id: { in: rows.map(({ id }) => id) } };
    if (rows.length > 0)
      removed += (await db.transaction((tx) => tx.prisma.webhookDelivery.deleteMany({ where }))).count;
    return rows.at(-1)?.id;
  });
  return removed;
}
