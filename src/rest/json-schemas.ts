import type { JsonSchema } from './wire.ts';

/** Keys of a body, as the OpenAPI document says them. */
export type Fields = Readonly<Record<string, { readonly schema: JsonSchema; readonly input: JsonSchema }>>;

/** The schema of an answer: every key is there, and no other. */
export function output(properties: JsonSchema): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

export function mapFields(fields: Fields, choose: (field: Fields[string]) => JsonSchema): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, choose(field)]));
}
