import type { LiveEvents } from '../events/live/live-events.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { KeyedRequest } from '../idempotency/keyed-request.ts';
import type { Principal } from '../principal/principal.ts';
import type { RequestRecord } from '../request/request-record.ts';
import type { ClientMetadata } from '../sessions/client-metadata.ts';
import type { UsersApp } from '../users/users-app.ts';
import type { WebhooksApp } from '../webhooks/webhooks-app.ts';

/** What resolvers need of the service. */
export interface SchemaApp extends UsersApp, WebhooksApp {
  readonly config: UsersApp['config'] & WebhooksApp['config'];
  readonly liveEvents: LiveEvents;
  readonly idempotency: Idempotency;
}

/** What every resolver is given. */
export interface GraphQLContext {
  readonly app: SchemaApp;
  /** What the log says of the request. */
  readonly record: RequestRecord;
  /** Who calls. */
  readonly principal: Principal;
  /** Where a user calls from. Nothing is known of the users of a backend. */
  readonly client: ClientMetadata;
  /** What the request is known by when it comes again; null where it has no key. */
  readonly keyed: KeyedRequest | null;
}

/** Lets a rule of a mutation do its work; once, where the request has a key. What a resolver makes of its result comes after it. */
export function perform<Result>(
  { app, principal, keyed }: GraphQLContext,
  rule: (app: SchemaApp, principal: Principal) => Promise<Result>,
): Promise<Result> {
  if (!keyed) return rule(app, principal);
  return app.idempotency.perform(app, keyed, (keeping) => rule(keeping, principal));
}
