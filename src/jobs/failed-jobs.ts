import type { Database } from '../db/database.ts';
import { inBlocks } from './blocks.ts';

/** Jobs that have failed are kept to be looked into for so long. */
const keptMs = 30 * 24 * 3_600_000;
const blockSize = 500;

/** Removes jobs of these kinds that failed for good long ago; answers how many. */
export async function removeFailedJobs(
  db: Database,
  kinds: readonly string[],
  now: Date,
  signal: AbortSignal,
): Promise<number> {
  const failedAt = { lt: new Date(now.getTime() - keptMs) };
  let removed = 0;
  await inBlocks(signal, async (cursor) => {
    const jobs = await db.reader.job.findMany({
      where: { kind: { in: [...kinds] }, runAt: null, failedAt, id: { gt: cursor } },
      orderBy: { id: 'asc' },
      take: blockSize,
      select: { id: true },
    });
    const where = { id: { in: jobs.map(({ id }) => id) }, runAt: null };
    if (jobs.length > 0) removed += (await db.transaction((tx) => tx.prisma.job.deleteMany({ where }))).count;
    return jobs.at(-1)?.id;
  });
  return removed;
}
