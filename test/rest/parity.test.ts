import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLInputObjectType, type GraphQLObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { Prisma } from '../../src/generated/sqlite/client.ts';
import { toKey } from '../../src/rest/body-input.ts';
import { describeApi } from '../../src/rest/openapi.ts';
import { readOnlyFields, sharedFields, userInputs, userOutputs, writeOnlyFields } from '../../src/rest/wire.ts';
import { userFields } from '../../src/users/fields.ts';
import { ownKeys } from '../support/own-fields.ts';
import { useRestServer } from '../support/rest.ts';
import { workosJudges } from '../support/workos-openapi.ts';

const t = useRestServer();
const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
const sorted = (names: Iterable<string>) => [...names].sort();
const namesOf = (table: Record<string, { name: string }>) => sorted(Object.values(table).map(({ name }) => name));
const fieldsOf = (name: string) => {
  const type = schema.getType(name) as GraphQLObjectType | GraphQLInputObjectType;
  return sorted(Object.keys(type.getFields()));
};

interface ApiDocument {
  components: { schemas: Record<string, { properties: Record<string, unknown> }> };
}
const keysOf = (name: string) =>
  sorted(Object.keys((describeApi() as unknown as ApiDocument).components.schemas[name]?.properties ?? {}));

describe('the names of a user agree', () => {
  test('what is shown: the model without its inner columns, GraphQL, REST, and the OpenAPI document', () => {
    const inner = ['emailCanonical']; // the form that is compared, never shown
    const graphqlOnly = ['identities', 'sessions', 'history', 'managed', 'version']; // three endpoints, an operator's flag, the ETag
    const columns = Object.keys(Prisma.UserScalarFieldEnum).filter((name) => !inner.includes(name));
    expect(fieldsOf('User')).toEqual(sorted([...columns, 'identities', 'sessions', 'history']));
    expect(namesOf(userOutputs)).toEqual(fieldsOf('User').filter((name) => !graphqlOnly.includes(name)));
    expect(keysOf('UserlandUser')).toEqual(sorted(['object', ...Object.keys(userOutputs)]));
  });

  test('what can be given: the rules, both GraphQL inputs, REST, and the OpenAPI document', () => {
    const inputs = sorted(Object.keys(userFields));
    expect(fieldsOf('UpdateUserInput')).toEqual(sorted([...inputs, 'currentPassword'])); // REST is for backends
    expect(fieldsOf('CreateUserInput')).toEqual(inputs);
    expect(namesOf(userInputs)).toEqual(inputs);
    expect(keysOf('UpdateUserlandUserDto')).toEqual(sorted(Object.keys(userInputs)));
    expect(keysOf('CreateUserlandUserDto')).toEqual(
      sorted([...Object.keys(userInputs), 'ip_address', 'user_agent', 'signals_id']),
    );
  });

  test('every key is the snake case of its name, and leads back to it', () => {
    for (const [key, { name }] of Object.entries({ ...userInputs, ...userOutputs })) {
      expect(name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)).toBe(key);
      if (key in userInputs) expect(toKey(name)).toBe(key);
    }
  });

  test('nothing secret can be read, and nothing that is read-only can be written', () => {
    expect(Object.keys(userOutputs).filter((key) => key in writeOnlyFields)).toEqual([]);
    expect(Object.keys(userInputs).filter((key) => key in readOnlyFields)).toEqual([]);
    expect(sorted(Object.keys(sharedFields))).toEqual(
      sorted(Object.keys(userInputs).filter((key) => key in userOutputs)),
    );
  });

  test("WorkOS's document: nothing of its user or its update is missing, and nothing is beside it", () => {
    const { document, name } = workosJudges.at(-1) as (typeof workosJudges)[number];
    const { schemas } = (document as unknown as { components: { schemas: Record<string, Schema> } }).components;
    const later = [...ownKeys, ...(name === '0.1.0' ? ['name', 'password_salt_position'] : [])];
    const known = (keys: string[]) => keys.filter((key) => !later.includes(key));
    expect(propertiesOf(schemas.UserlandUser)).toEqual(known(keysOf('UserlandUser')));
    expect(propertiesOf(schemas.UpdateUserlandUserDto)).toEqual(known(keysOf('UpdateUserlandUserDto')));
    const createOnly = name === '0.1.0' ? ['ip_address', 'user_agent', 'signals_id', ...later] : [];
    const create = known(keysOf('CreateUserlandUserDto')).filter(
      (key) => key !== 'locale' && !createOnly.includes(key),
    );
    expect(propertiesOf(schemas.CreateUserlandUserDto).filter((k) => !createOnly.includes(k))).toEqual(create);
  });
});

interface Schema {
  readonly properties?: object;
  readonly allOf?: Schema[];
  readonly oneOf?: Schema[];
}

/** The keys of all properties in a schema that is put together from others. */
function propertiesOf({ properties = {}, allOf = [], oneOf = [] }: Schema = {}): string[] {
  return sorted(new Set([...Object.keys(properties), ...[...allOf, ...oneOf].flatMap((part) => propertiesOf(part))]));
}

describe("the SDK's serialiser", () => {
  /** The keys that the SDK puts into a body when it is given every input that there is. */
  async function serialised(call: (input: never) => Promise<unknown>): Promise<string[]> {
    const everything = Object.fromEntries(Object.keys(userFields).map((name) => [name, 'x']));
    const original = t.workos.client;
    let body: object = {};
    const capture = async (_path: string, entity: object) => {
      body = entity;
      return { toJSON: () => ({}) };
    };
    Object.assign(t.workos, { client: { ...original, post: capture, put: capture } });
    await call({ userId: 'user_1', ...everything } as never);
    Object.assign(t.workos, { client: original });
    return sorted(Object.keys(body));
  }

  const newer = ['name', 'password_salt_position', ...ownKeys]; // what version 8 does not know yet, or never will

  test('sends on update what Roster takes', async () => {
    const keys = await serialised((input) => t.workos.userManagement.updateUser(input));
    expect(keys).toEqual(sorted(Object.keys(userInputs).filter((key) => !newer.includes(key))));
  });

  test('sends on create what Roster takes', async () => {
    const keys = await serialised((input) => t.workos.userManagement.createUser(input));
    const unsent = [...newer, 'locale']; // WorkOS takes a locale on update only
    expect(keys).toEqual(sorted(Object.keys(userInputs).filter((key) => !unsent.includes(key))));
  });
});
