import type { Logger } from 'pino';
import type { ApiKeys } from './auth/api-keys.ts';
import type { OutsideTokens } from './auth/external-issuer.ts';
import type { Config } from './config/config.ts';
import type { Database } from './db/database.ts';
import type { PersistedDocuments } from './graphql/execution/persisted-documents.ts';
import type { NewPasswordLimits } from './limits/new-password-limits.ts';
import type { RateLimits } from './limits/rate-limits.ts';
import type { SignInLimits } from './limits/sign-in-limits.ts';
import type { Passwords } from './passwords/passwords.ts';
import type { SigningKeys } from './signing-keys/signing-keys.ts';

/** What the running service is made of; `create-app.ts` puts it together and everything else is given it. */
export interface App {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  readonly passwords: Passwords;
  readonly apiKeys: ApiKeys;
  readonly signingKeys: SigningKeys;
  /** The tokens of an outside issuer; null where none is configured. */
  readonly outsideTokens: OutsideTokens | null;
  readonly signInLimits: SignInLimits;
  readonly newPasswordLimits: NewPasswordLimits;
  readonly rateLimits: RateLimits;
  /** The only documents that GraphQL answers; null where it answers any. */
  readonly persistedDocuments: PersistedDocuments | null;
  /** The key that `serve` made for a database without any, to be shown in GraphiQL; null on any other start. */
  developmentKey: string | null;
  /** The present moment; tests may hold it still. */
  readonly now: () => Date;
}
