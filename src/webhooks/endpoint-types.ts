import type { WebhookEndpoint } from '../db/database.ts';

/** The types that an endpoint asks for. */
export function typesOf({ eventTypes }: Pick<WebhookEndpoint, 'eventTypes'>): string[] {
  return eventTypes.split(' ').filter(Boolean);
}
