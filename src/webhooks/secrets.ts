import { randomBytes } from 'node:crypto';
import type { WebhookEndpoint } from '../db/database.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { type SigningSecrets, secretPrefix } from './signatures.ts';

const secretBytes = 24;

export function newWebhookSecret(): string {
  return `${secretPrefix}${randomBytes(secretBytes).toString('base64')}`;
}

export function sealWebhookSecret(secrets: Secrets, endpointId: string, secret: string): string {
  return secrets.sealSecret('webhook secrets', endpointId, secret);
}

type Sealed = Pick<WebhookEndpoint, 'id' | 'sealedSecret' | 'sealedPreviousSecret' | 'previousSecretUntil'>;

/** What an endpoint's deliveries are signed with at this moment. Throws Unsealable. */
export function openWebhookSecrets(secrets: Secrets, endpoint: Sealed, now: Date): SigningSecrets {
  const { id, sealedSecret, sealedPreviousSecret, previousSecretUntil } = endpoint;
  const open = (sealed: string) => secrets.openSecret('webhook secrets', id, sealed).toString();
  const isExchanged = sealedPreviousSecret !== null && previousSecretUntil !== null && previousSecretUntil > now;
  return { current: open(sealedSecret), previous: isExchanged ? open(sealedPreviousSecret) : null };
}
