import { version } from '../config/version.ts';
import type { WebhookEndpoint } from '../db/database.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { openWebhookSecrets } from './secrets.ts';
import type { Delivered } from './sender.ts';
import { signatureHeaders } from './signatures.ts';

/** The request that brings an event to an endpoint at this moment. Throws Unsealable. */
export function webhookRequest(
  secrets: Secrets,
  endpoint: WebhookEndpoint,
  { id, body, isTest }: { id: string; body: string; isTest: boolean },
  now: Date,
): Delivered {
  return {
    url: endpoint.url,
    body,
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': `Roster/${version}`,
      'Roster-Payload-Version': endpoint.payloadVersion,
      ...(isTest && { 'Roster-Test': 'true' }),
      ...signatureHeaders({ id, body, sentAt: now }, openWebhookSecrets(secrets, endpoint, now)),
    },
  };
}
