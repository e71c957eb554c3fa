import type { Config } from '../config/settings.ts';
import type { GraphQLApp } from '../graphql/graphql-app.ts';
import type { RestApp } from '../rest/rest-app.ts';

/** What the HTTP server and its handlers need of the service. */
export interface HttpApp extends GraphQLApp, RestApp {
  readonly config: Config;
  /** Counts the requests, for what runs beside them. */
  readonly served: { requests: number };
}
