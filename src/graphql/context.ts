import type { LiveEvents } from '../events/live/live-events.ts';
import type { Principal } from '../principal/principal.ts';
import type { RequestRecord } from '../request/request-record.ts';
import type { ClientMetadata } from '../sessions/client-metadata.ts';
import type { UsersApp } from '../users/users-app.ts';
import type { WebhooksApp } from '../webhooks/webhooks-app.ts';

/** What resolvers need of the service. */
export interface SchemaApp extends UsersApp, WebhooksApp {
  readonly config: UsersApp['config'] & WebhooksApp['config'];
  readonly liveEvents: LiveEvents;
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
}
