import type { Database, Prisma } from '../db/database.ts';
import { inBlocks } from '../jobs/blocks.ts';

const blockSize = 500;

export const removalJob = 'webhooks.remove-deliveries';

/** Removes what was sent to an endpoint, and what was to be: the endpoint has gone. */
export async function removeDeliveriesOf(db: Database, payload: Prisma.JsonValue, signal: AbortSignal): Promise<void> {
  const { endpointId } = payload as { endpointId?: unknown };
  if (typeof endpointId !== 'string') throw new Error('The job does not say whose deliveries are to be removed.');
  await inBlocks(signal, async () => {
    const query = { where: { endpointId }, take: blockSize, select: { id: true } };
    const ids = (await db.reader.webhookDelivery.findMany(query)).map(({ id }) => id);
    if (ids.length === 0) return undefined;
    await db.transaction((tx) => tx.prisma.webhookDelivery.deleteMany({ where: { id: { in: ids } } }));
    return '';
  });
}
