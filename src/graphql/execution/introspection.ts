import { NoSchemaIntrospectionCustomRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Config } from '../../config/settings.ts';

/** Whether clients may ask what the schema is. */
export function mayIntrospect({ INTROSPECTION, NODE_ENV }: Pick<Config, 'INTROSPECTION' | 'NODE_ENV'>): boolean {
  return INTROSPECTION ?? NODE_ENV !== 'production';
}

/** Keeps the schema to itself: no introspection, and no error that suggests a name. After all that words errors. */
export const withoutIntrospection: Plugin = {
  onValidate({ addValidationRule }) {
    addValidationRule(NoSchemaIntrospectionCustomRule);
  },
  onResultProcess({ result }) {
    if (!('errors' in result)) return;
    for (const error of result.errors ?? []) error.message = withoutSuggestion(error.message);
  },
};

/** A suggestion ends its message, so the last one that could be one is it: what came before may repeat the request. */
function withoutSuggestion(message: string): string {
  const start = message.lastIndexOf(' Did you mean ');
  return start >= 0 && message.endsWith('?') ? message.slice(0, start) : message;
}
