import type { App } from '../app.ts';
import type { Principal } from '../auth/api-keys.ts';

/** What every resolver is given. */
export interface GraphQLContext {
  readonly app: App;
  readonly requestId: string;
  /** Who calls. */
  readonly principal: Principal;
}
