import type { App } from '../app.ts';

/** What every resolver is given. */
export interface GraphQLContext {
  readonly app: App;
  readonly requestId: string;
}
