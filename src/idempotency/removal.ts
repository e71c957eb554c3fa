import type { Database } from '../db/database.ts';
import { inBlocks } from '../jobs/blocks.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { many, openAnswer, usersIn } from './answers.ts';

const blockSize = 500;

/** Removes what was kept of requests whose keys do not count any more; answers how many. */
export async function removeExpiredAnswers(db: Database, now: Date, signal: AbortSignal): Promise<number> {
  let removed = 0;
  await inBlocks(signal, async () => {
    const where = { expiresAt: { lte: now } };
    const first = { where, orderBy: { expiresAt: 'asc' }, take: blockSize, select: { id: true } } as const;
    const rows = await db.reader.idempotentRequest.findMany(first);
    if (rows.length === 0) return undefined;
    const ids = rows.map(({ id }) => id);
    const expired = { id: { in: ids }, ...where };
    removed += (await db.transaction((tx) => tx.prisma.idempotentRequest.deleteMany({ where: expired }))).count;
    return '';
  });
  return removed;
}

interface Erased {
  readonly userId: string;
  /** What was answered from then on stays: above all the answer to their deletion, until its key expires. */
  readonly deletedAt: Date;
}

/** Erases what was answered about a user who is deleted. That it was carried out stays known, so that no retry repeats it. */
export async function eraseAnswersOf(
  { db, secrets }: { readonly db: Database; readonly secrets: Secrets },
  { userId, deletedAt }: Erased,
  signal: AbortSignal,
): Promise<void> {
  const erase = (where: object) =>
    db.transaction(({ prisma }) => prisma.idempotentRequest.updateMany({ where, data: { sealedAnswer: null } }));
  await erase({ userId, createdAt: { lt: deletedAt } });
  await inBlocks(signal, async (cursor) => {
    const where = { userId: many, id: { gt: cursor }, createdAt: { lt: deletedAt } };
    const rows = await db.reader.idempotentRequest.findMany({ where, orderBy: { id: 'asc' }, take: 50 });
    const ids = rows.filter((row) => mayTellOf(secrets, row, userId)).map(({ id }) => id);
    if (ids.length > 0) await erase({ id: { in: ids } });
    return rows.at(-1)?.id;
  });
}

function mayTellOf(secrets: Secrets, row: Parameters<typeof openAnswer>[1], userId: string): boolean {
  return usersIn(openAnswer(secrets, row)?.result).has(userId);
}
