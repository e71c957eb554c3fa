import type { Config } from '../../config/settings.ts';
import type { UsersApp } from '../../users/users-app.ts';

/** What the execution of operations needs of the service. */
export interface ExecutionApp extends UsersApp {
  readonly config: UsersApp['config'] & Pick<Config, 'DATABASE_READ_URL' | 'INTROSPECTION' | 'NODE_ENV'>;
}
