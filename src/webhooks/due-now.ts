import type { Prisma, Transaction } from '../db/database.ts';

/** Has deliveries that wait, and that nobody sends just now, sent as soon as possible; answers how many. */
export async function makeDueNow(
  { prisma }: Transaction,
  where: Prisma.WebhookDeliveryWhereInput,
  now: Date,
): Promise<number> {
  const isFree = { OR: [{ leasedUntil: null }, { leasedUntil: { lte: now } }] };
  const waits = { AND: [where, isFree], state: 'pending', dueAt: { gt: now } };
  return (await prisma.webhookDelivery.updateMany({ where: waits, data: { dueAt: now } })).count;
}

/** Has deliveries that are over made again, from the first attempt on. */
export async function beginAgain(
  { prisma }: Transaction,
  where: Prisma.WebhookDeliveryWhereInput,
  now: Date,
): Promise<void> {
  const data = { state: 'pending', attempt: 0, dueAt: now, finishedAt: null };
  await prisma.webhookDelivery.updateMany({ where: { AND: [where], state: { not: 'pending' } }, data });
}
