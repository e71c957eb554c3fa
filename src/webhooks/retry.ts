import type { Transaction, WebhookDelivery } from '../db/database.ts';
import { DomainError, entityNotFound } from '../errors.ts';
import { lookupKey } from '../input/ids.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { lockEnabledEndpoint } from './locked-endpoint.ts';
import { isTest } from './outcome.ts';
import { tellWrite } from './tell-write.ts';
import type { WebhooksApp } from './webhooks-app.ts';

/**
 * Makes one delivery again, at once, whatever became of it; one that is being made just now is that already. Throws
 * `entity_not_found`, `webhook_endpoint_disabled`, and `event_expired`, where there is nothing to send any more.
 */
export async function retryWebhookDelivery(app: WebhooksApp, actor: Actor, id: string): Promise<WebhookDelivery> {
  assertScopes(actor, ['webhooks:write']);
  return app.db.transaction(async (tx) => {
    const { webhookDelivery } = tx.prisma;
    const delivery = await webhookDelivery.findUnique({ where: { id: lookupKey(id) } });
    if (!delivery) throw entityNotFound('Webhook delivery', id);
    await lockEnabledEndpoint(tx, delivery.endpointId);
    await assertKept(tx, delivery);
    await makeDueNow(tx, delivery.id, app.now());
    tellWrite(app, tx, actor, delivery.endpointId, { message: 'a webhook is sent again', deliveryId: delivery.id });
    tx.afterCommit(() => app.deliveries.wake());
    return webhookDelivery.findUniqueOrThrow({ where: { id: delivery.id } });
  });
}

async function assertKept({ prisma }: Transaction, delivery: WebhookDelivery): Promise<void> {
  const { eventId: id } = delivery;
  if (isTest(delivery) || (await prisma.event.count({ where: { id } })) > 0) return;
  throw new DomainError('event_expired', 'The event of this delivery is no longer kept, so it cannot be sent again.');
}

/** One that waits goes on with its schedule, unless somebody sends it just now; one that is over begins anew. */
async function makeDueNow({ prisma: { webhookDelivery } }: Transaction, id: string, now: Date): Promise<void> {
  const isFree = { OR: [{ leasedUntil: null }, { leasedUntil: { lte: now } }] };
  await webhookDelivery.updateMany({
    where: { id, state: 'pending', dueAt: { gt: now }, ...isFree },
    data: { dueAt: now },
  });
  const anew = { state: 'pending', attempt: 0, dueAt: now, finishedAt: null };
  await webhookDelivery.updateMany({ where: { id, state: { not: 'pending' } }, data: anew });
}
