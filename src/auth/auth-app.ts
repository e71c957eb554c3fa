import type { RateLimits } from '../limits/rate-limits.ts';
import type { SessionsApp } from '../sessions/sessions-app.ts';
import type { ApiKeys } from './api-keys.ts';
import type { ExternalIssuer } from './external-issuer.ts';

/** What it takes to find out who calls. */
export interface AuthApp extends SessionsApp {
  readonly apiKeys: ApiKeys;
  /** Another service whose access tokens are accepted; null where none is configured. */
  readonly externalIssuer: ExternalIssuer | null;
  readonly rateLimits: Pick<RateLimits, 'countAddress' | 'countApiKey' | 'countHolder' | 'countRefresh'>;
}
