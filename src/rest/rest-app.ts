import type { AuthApp } from '../auth/auth-app.ts';
import type { Config } from '../config/settings.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { UsersApp } from '../users/users-app.ts';
import type { WebhooksApp } from '../webhooks/webhooks-app.ts';

/** What the REST handler needs of the service. */
export interface RestApp extends AuthApp, UsersApp, WebhooksApp {
  readonly config: UsersApp['config'] & WebhooksApp['config'] & Pick<Config, 'MAX_BODY_BYTES'>;
  readonly rateLimits: RateLimits;
  readonly idempotency: Idempotency;
}
