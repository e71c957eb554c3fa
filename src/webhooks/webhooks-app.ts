import type { Database } from '../db/database.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { WebhookConfig } from './allowed-hosts.ts';

/** What the rules of webhook endpoints need of the service. */
export interface WebhooksApp {
  readonly config: WebhookConfig;
  readonly db: Database;
  readonly secrets: Secrets;
  readonly now: () => Date;
}
