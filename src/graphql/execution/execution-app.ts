import type { Config } from '../../config/settings.ts';
import type { SchemaApp } from '../context.ts';

/** What the execution of operations needs of the service. */
export interface ExecutionApp extends SchemaApp {
  readonly config: SchemaApp['config'] & Pick<Config, 'DATABASE_READ_URL' | 'INTROSPECTION' | 'NODE_ENV'>;
}
