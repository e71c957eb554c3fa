import type { Transaction, WebhookEndpoint } from '../db/database.ts';
import { DomainError, entityNotFound } from '../errors.ts';
import { lookupKey } from '../input/ids.ts';

/**
 * The endpoint as it stays until the end of the transaction; meanwhile nothing that is to be sent to it is taken. By a write that
 * changes nothing: with PostgreSQL, too, a second change then waits, and sees what the first one made. Throws `entity_not_found`.
 */
export async function lockEndpoint({ prisma }: Transaction, id: string): Promise<WebhookEndpoint> {
  const [endpoint] = await prisma.webhookEndpoint.updateManyAndReturn({
    where: { id: lookupKey(id) },
    data: { failures: { increment: 0 } },
  });
  if (!endpoint) throw entityNotFound('Webhook endpoint', id);
  return endpoint;
}

/** The same of one that events are sent to; throws `webhook_endpoint_disabled`, too. */
export async function lockEnabledEndpoint(tx: Transaction, id: string): Promise<WebhookEndpoint> {
  const endpoint = await lockEndpoint(tx, id);
  if (endpoint.status === 'enabled') return endpoint;
  throw new DomainError(
    'webhook_endpoint_disabled',
    'Nothing is sent to this endpoint: it is disabled. Enable it first.',
  );
}
