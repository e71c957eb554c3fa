import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { Events } from '../events/events.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { WebhookConfig } from './allowed-hosts.ts';
import type { Deliveries } from './deliveries.ts';

/** What the rules of webhook endpoints need of the service. */
export interface WebhooksApp {
  readonly config: WebhookConfig;
  readonly log: Logger;
  readonly db: Database;
  readonly secrets: Secrets;
  readonly events: Events;
  readonly jobs: Pick<Jobs, 'enqueue'>;
  readonly deliveries: Pick<Deliveries, 'wake'>;
  readonly now: () => Date;
}
