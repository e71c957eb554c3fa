import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import {
  buildSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../../src/graphql/schema/schema.ts';

const own = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
const builtIn = new Set(['String', 'Int', 'Boolean', 'ID', 'Float']);

function undescribed(type: GraphQLNamedType): string[] {
  const missing = type.description || builtIn.has(type.name) ? [] : [type.name];
  if (isEnumType(type)) {
    return [
      ...missing,
      ...type
        .getValues()
        .filter((v) => !v.description)
        .map((v) => `${type.name}.${v.name}`),
    ];
  }
  if (isInputObjectType(type)) {
    return [
      ...missing,
      ...Object.values(type.getFields())
        .filter((f) => !f.description)
        .map((f) => `${type.name}.${f.name}`),
    ];
  }
  if (!isObjectType(type)) return missing;
  for (const field of Object.values(type.getFields())) {
    if (!field.description) missing.push(`${type.name}.${field.name}`);
    for (const arg of field.args) if (!arg.description) missing.push(`${type.name}.${field.name}(${arg.name})`);
  }
  return missing;
}

describe('the schema', () => {
  test('has a description on every type, field, argument and enum value', () => {
    expect(own.flatMap(undescribed)).toEqual([]);
  });

  const whileAnIssuerIsSet = /AUTH_ISSUER.+`users:credentials`/;
  test.each([
    ['CreateUserInput', 'externalId', whileAnIssuerIsSet],
    ['UpdateUserInput', 'externalId', whileAnIssuerIsSet],
    ['Mutation', 'linkIdentity', whileAnIssuerIsSet],
    ['Mutation', 'removePassword', /`users:credentials`/],
    ...['CreateUserInput', 'UpdateUserInput'].flatMap((input) =>
      ['password', 'passwordHash'].map((field) => [input, field, /`users:credentials`/] as const),
    ),
  ] as const)('says of %s.%s that it takes users:credentials', (name, field, expected) => {
    const type = schema.getType(name);
    const fields = isInputObjectType(type) || isObjectType(type) ? type.getFields() : {};
    expect(fields[field]?.description).toMatch(expected);
  });

  test('is the one in schema.graphql: run "npm run codegen" after a change', () => {
    expect(readFileSync('schema.graphql', 'utf8').trim()).toBe(printSchema(lexicographicSortSchema(schema)).trim());
  });

  test('breaks nothing that was reviewed: see "Changing the schema" in docs/architecture.md', async () => {
    const reviewed = buildSchema(readFileSync(new URL('schema.reviewed.graphql', import.meta.url), 'utf8'));
    const changes = await diff(reviewed, schema);
    const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
    expect(breaking.map(({ message }) => message)).toEqual([]);
  });

  test('has no field that could hold a password or a hash, and a secret where it is made alone', () => {
    const types = own.filter(isObjectType).filter(({ name }) => name !== 'Query' && name !== 'Mutation');
    const outputs = types.flatMap((type) => Object.keys(type.getFields()).map((name) => `${type.name}.${name}`));
    expect(outputs.filter((name) => /\..*(password|hash|secret|salt)/i.test(name)).sort()).toEqual([
      'WebhookEndpoint.previousSecretUntil', // a moment
      'WebhookEndpointSecret.secret',
    ]);
  });
});
