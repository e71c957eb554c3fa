import type { AuthApp } from '../auth/auth-app.ts';
import type { Config } from '../config/settings.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { ExecutionApp } from './execution/execution-app.ts';
import type { PersistedDocuments } from './execution/persisted-documents.ts';

type Setting = 'CORS_HEADERS' | 'CORS_ORIGINS' | 'GRAPHIQL' | 'MAX_BODY_BYTES';

/** What the GraphQL handler needs of the service. */
export interface GraphQLApp extends AuthApp, ExecutionApp {
  readonly config: ExecutionApp['config'] & Pick<Config, Setting>;
  readonly rateLimits: RateLimits;
  /** The only documents that GraphQL answers; null where it answers any. */
  readonly persistedDocuments: PersistedDocuments | null;
}
