import type { Logger } from 'pino';
import type { Config } from '../config/settings.ts';
import type { Database } from '../db/database.ts';
import type { Events } from '../events/events.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { SigningKeys } from '../signing-keys/signing-keys.ts';

type Setting =
  | 'MAX_SESSIONS_PER_USER'
  | 'REFRESH_REUSE_GRACE_SECONDS'
  | 'SESSION_LIFETIME_HOURS'
  | 'TOKEN_AUDIENCE'
  | 'TOKEN_ISSUER';

/** What the rules of sessions need of the service. */
export interface SessionsApp {
  readonly config: Pick<Config, Setting>;
  readonly log: Logger;
  readonly db: Database;
  readonly signingKeys: SigningKeys;
  readonly secrets: Secrets;
  /** Where mails are queued, in the transaction of what causes them. */
  readonly outbox: Outbox;
  /** Where what happens is recorded, in the transaction that makes it. */
  readonly events: Events;
  /** The present moment; tests may hold it still. */
  readonly now: () => Date;
}
