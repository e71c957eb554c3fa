import type { Database } from '../db/database.ts';
import { firstIdAt } from '../input/ids.ts';
import { inBlocks } from '../jobs/blocks.ts';

const keptMs = 30 * 24 * 3_600_000;
const blockSize = 500;

/** Removes deliveries of events that are older than a month, but for what is still to be sent; answers how many. */
export async function removeOldDeliveries(db: Database, now: Date, signal: AbortSignal): Promise<number> {
  const oldest = new Date(now.getTime() - keptMs);
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
