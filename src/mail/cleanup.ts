import type { Database } from '../db/database.ts';
import { firstIdAt } from '../input/ids.ts';
import { inBlocks } from '../jobs/blocks.ts';

/** That a mail was sent, or why not, can be looked up for so long. */
const keptMs = 30 * 24 * 3_600_000;
const blockSize = 500;

/** Removes what is known of mails that were sent or given up long ago; answers how many. */
export async function removeOldMails(db: Database, now: Date, signal: AbortSignal): Promise<number> {
  const end = firstIdAt('mail', new Date(now.getTime() - keptMs));
  let removed = 0;
  await inBlocks(signal, async (cursor) => {
    const mails = await db.reader.mailMessage.findMany({
      where: { id: { gt: cursor, lt: end }, finishedAt: { not: null } },
      orderBy: { id: 'asc' },
      take: blockSize,
      select: { id: true },
    });
    const where = { id: { in: mails.map(({ id }) => id) } };
    if (mails.length > 0) removed += (await db.transaction((tx) => tx.prisma.mailMessage.deleteMany({ where }))).count;
    return mails.at(-1)?.id;
  });
  return removed;
}
