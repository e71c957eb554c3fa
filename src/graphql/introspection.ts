import { GraphQLError, NoSchemaIntrospectionCustomRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Config } from '../config.ts';

/** Whether clients may ask what the schema is. */
export function mayIntrospect({ INTROSPECTION, NODE_ENV }: Config): boolean {
  return INTROSPECTION ?? NODE_ENV !== 'production';
}

/** Keeps the schema to itself: no introspection, and no refusal that suggests a name. After all that words refusals. */
export const withoutIntrospection: Plugin = {
  onValidate({ addValidationRule }) {
    addValidationRule(NoSchemaIntrospectionCustomRule);
  },
  onResultProcess({ result, setResult }) {
    if (!('errors' in result) || !result.errors) return;
    setResult({ ...result, errors: result.errors.map(withoutSuggestion) });
  },
};

function withoutSuggestion(error: GraphQLError): GraphQLError {
  const { nodes = null, source = null, positions = null, path = null, extensions } = error;
  const message = error.message.replace(/ Did you mean [^?]*\?/g, '');
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
