import type { WebhookDelivery } from '../db/database.ts';
import type { EventType } from '../events/event-types.ts';
import { newId } from '../input/ids.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { lockEnabledEndpoint } from './locked-endpoint.ts';
import { tellWrite } from './tell-write.ts';
import type { WebhooksApp } from './webhooks-app.ts';

/**
 * Sends an endpoint an event of this type that tells of nobody, also where it is not sent the type otherwise. It is sent once, and
 * is no event: its text stands with its delivery alone. Throws `entity_not_found`, `webhook_endpoint_disabled`.
 */
export async function sendTestEvent(
  app: WebhooksApp,
  actor: Actor,
  endpointId: string,
  type: EventType,
): Promise<WebhookDelivery> {
  assertScopes(actor, ['webhooks:write']);
  const now = app.now();
  const { id: eventId, body } = app.events.sampleOf(type);
  const { id, createdAt } = newId('whd', now);
  return app.db.transaction(async (tx) => {
    const endpoint = await lockEnabledEndpoint(tx, endpointId);
    tellWrite(app, tx, actor, endpoint.id, { message: 'a test is sent to a webhook endpoint', deliveryId: id });
    tx.afterCommit(() => app.deliveries.wake());
    const data = { id, endpointId: endpoint.id, eventId, position: 0, body, dueAt: createdAt, createdAt };
    return tx.prisma.webhookDelivery.create({ data });
  });
}
