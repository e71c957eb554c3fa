import type { Database } from '../db/database.ts';
import { inBlocks } from '../jobs/blocks.ts';

const dayMs = 24 * 3_600_000;
const blockSize = 500;

/** Removes events that are older than they are kept; answers how many. */
export async function removeOldEvents(
  db: Database,
  { days, now }: { days: number; now: Date },
  signal: AbortSignal,
): Promise<number> {
  const end = await db.eventReads.positionAt(new Date(now.getTime() - days * dayMs));
  let removed = 0;
  await inBlocks(signal, async () => {
    const events = await db.eventReads.list({ to: end - 1, order: 'asc', limit: blockSize });
    const last = events.at(-1);
    if (!last) return undefined;
    const position = { lte: BigInt(last.position) };
    removed += (await db.transaction((tx) => tx.prisma.event.deleteMany({ where: { position } }))).count;
    return '';
  });
  return removed;
}
