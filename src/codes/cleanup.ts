import { inBlocks } from '../jobs/blocks.ts';
import type { CodesApp } from './codes-app.ts';

type Given = Pick<CodesApp, 'db' | 'now'>;

/** So long after it expired can somebody still be told that a code was used or has expired. */
const keptMs = 24 * 3_600_000;
const blockSize = 500;

/** Erases what is sealed of codes and tokens that have expired, and removes those that did so long ago; answers how many went. */
export async function cleanUpCodes({ db, now }: Given, signal: AbortSignal): Promise<number> {
  await db.transaction((tx) =>
    tx.prisma.oneTimeCode.updateMany({
      where: { sealed: { not: null }, expiresAt: { lte: now() } },
      data: { sealed: null },
    }),
  );
  let removed = 0;
  const where = { expiresAt: { lt: new Date(now().getTime() - keptMs) } };
  await inBlocks(signal, async () => {
    const old = await db.reader.oneTimeCode.findMany({ where, take: blockSize, select: { id: true } });
    if (old.length === 0) return undefined;
    const ids = old.map(({ id }) => id);
    removed += (await db.transaction((tx) => tx.prisma.oneTimeCode.deleteMany({ where: { id: { in: ids } } }))).count;
    return '';
  });
  return removed;
}
