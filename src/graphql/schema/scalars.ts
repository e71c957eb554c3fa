import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { DateTimeResolver, URLResolver } from 'graphql-scalars';
import { sortedMetadata } from '../../users/metadata.ts';
import { builder } from './builder.ts';

/**
 * These three only check that the value has the right JSON type. Whether it is a good one is decided with all other
 * fields of the input, so that one answer reports every problem, each with its field and code.
 */
builder.addScalarType(
  'EmailAddress',
  textScalar('EmailAddress', 'An email address, such as `marcelina@example.com`. Letters of any language are allowed.'),
);
builder.addScalarType(
  'Locale',
  textScalar(
    'Locale',
    'A language: a BCP 47 tag, such as `en-US`. Any case is accepted; the canonical case is stored.',
  ),
);
builder.addScalarType(
  'Metadata',
  new GraphQLScalarType({
    name: 'Metadata',
    description:
      'A flat object of strings: at most 50 pairs, keys of 1 to 40 characters, values of at most 600. In an input it is merged key by key: a key set to `null` is deleted, a key left out stays, `{}` deletes everything.',
    serialize: (value) => sortedMetadata(value as Record<string, string>),
    parseValue: (value) => value,
    parseLiteral: (node, variables) => literalToJson(node, variables ?? {}),
  }),
);

builder.addScalarType('DateTime', DateTimeResolver);
builder.addScalarType('URL', URLResolver);

function textScalar(name: string, description: string): GraphQLScalarType<string, string> {
  const parse = (value: unknown, node?: ValueNode): string => {
    if (typeof value === 'string') return value;
    throw new GraphQLError('Expected a string.', node ? { nodes: node } : {});
  };
  return new GraphQLScalarType({
    name,
    description,
    serialize: (value) => String(value),
    parseValue: (value) => parse(value),
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined, node),
  });
}

/** graphql-js builds objects without a prototype, so a key such as `__proto__` is only a key. */
function literalToJson(node: ValueNode, variables: Record<string, unknown>): unknown {
  return valueFromASTUntyped(node, variables);
}
