import type { Config } from '../config/settings.ts';

export type WebhookConfig = Pick<Config, 'WEBHOOK_ALLOW_PRIVATE' | 'WEBHOOK_ALLOWED_HOSTS'>;

/** Whether webhooks may go to this host though its addresses are not public, and without TLS. */
export function mayBePrivate(
  { WEBHOOK_ALLOW_PRIVATE, WEBHOOK_ALLOWED_HOSTS }: WebhookConfig,
  hostname: string,
): boolean {
  return WEBHOOK_ALLOW_PRIVATE || (WEBHOOK_ALLOWED_HOSTS ?? []).includes(hostname);
}
