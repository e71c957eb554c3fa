import type { Database, WebhookDelivery } from '../db/database.ts';
import { lookupKey } from '../input/ids.ts';
import { cutPage, type KeysetPage, keysetOf } from '../input/keyset.ts';

/** What can become of a delivery. */
const deliveryStates = ['pending', 'delivered', 'failed', 'cancelled'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/**
 * One page of what was sent to an endpoint, or is to be, and whether the list goes on. Each state is looked up by itself, as far as
 * the page goes: the index has the deliveries of one state in their order, and so serves both lists.
 */
export async function listDeliveries(
  { reader }: Pick<Database, 'reader'>,
  endpointId: string,
  state: DeliveryState | null,
  page: KeysetPage,
): Promise<{ deliveries: WebhookDelivery[]; hasMore: boolean }> {
  const { where, ...keyset } = keysetOf(page);
  const found = await Promise.all(
    (state ? [state] : deliveryStates).map((each) =>
      reader.webhookDelivery.findMany({ where: { endpointId, state: each, AND: [...where] }, ...keyset }),
    ),
  );
  const direction = keyset.orderBy.id === 'asc' ? 1 : -1;
  const inOrder = found.flat().sort((a, b) => (a.id < b.id ? -direction : direction));
  const { rows, hasMore } = cutPage(inOrder, page);
  return { deliveries: rows, hasMore };
}

export function findDelivery({ reader }: Pick<Database, 'reader'>, id: string): Promise<WebhookDelivery | null> {
  return reader.webhookDelivery.findUnique({ where: { id: lookupKey(id) } });
}
