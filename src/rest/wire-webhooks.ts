import type { WebhookEndpoint } from '../db/database.ts';
import { Unsealable } from '../secrets/secrets.ts';
import { acceptedTypes, endpointStatuses, maxUrlCharacters } from '../webhooks/endpoint-fields.ts';
import { typesOf } from '../webhooks/endpoint-types.ts';
import { openWebhookSecrets } from '../webhooks/secrets.ts';
import { secretPrefix } from '../webhooks/signatures.ts';
import type { WebhooksApp } from '../webhooks/webhooks-app.ts';
import { field } from './wire.ts';

const types = { type: 'array', items: { enum: acceptedTypes } };

/** What `POST /webhook_endpoints` reads. */
export const newEndpointFields = {
  endpoint_url: field('url', 'Where events are posted to, by https.', { type: 'string', maxLength: maxUrlCharacters }),
  events: field('eventTypes', 'The types of events that are sent.', types, { ...types, minItems: 1 }),
} as const;

/** What `PATCH /webhook_endpoints/{id}` reads. */
export const endpointFields = {
  ...newEndpointFields,
  status: field('status', '`disabled`: nothing is sent.', { enum: endpointStatuses }),
} as const;

/**
 * An endpoint as REST shows it. The secret is for those who could replace it: to others only its first six characters are
 * shown, which all secrets have, and so they are where it cannot be read any more.
 */
export function presentEndpoint(
  { secrets, now }: Pick<WebhooksApp, 'secrets' | 'now'>,
  endpoint: WebhookEndpoint,
  showSecret: boolean,
): Record<string, unknown> {
  return {
    object: 'webhook_endpoint',
    id: endpoint.id,
    endpoint_url: endpoint.url,
    secret: showSecret ? readSecret() : secretPrefix,
    status: endpoint.status,
    events: typesOf(endpoint),
    created_at: endpoint.createdAt,
    updated_at: endpoint.updatedAt,
  };

  function readSecret(): string {
    try {
      return openWebhookSecrets(secrets, { ...endpoint, sealedPreviousSecret: null }, now()).current;
    } catch (error) {
      if (error instanceof Unsealable) return secretPrefix;
      throw error;
    }
  }
}
