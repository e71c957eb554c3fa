import { getIntrospectionQuery } from 'graphql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { mayIntrospect } from '../../../src/graphql/execution/introspection.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { production } from '../../support/processes.ts';

async function start(settings: Record<string, string>): Promise<TestApp> {
  const t = await createTestApp(settings);
  onTestFinished(t.close);
  return t;
}

/** Each has a suggestion in graphql-js. */
const misspelled: [what: string, document: string, variables: object][] = [
  ['a field', '{ userz { totalCount } }', {}],
  ['an argument', '{ user(idd: "x") { id } }', {}],
  ['a type', 'query ($i: UpdateUserInputt) { __typename }', {}],
  ['a field of an input', 'mutation { updateUser(id: "x", input: { firstNam: "x" }) { id } }', {}],
  [
    'a field of an input in the variables',
    'mutation ($input: UpdateUserInput!) { updateUser(id: "x", input: $input) { id } }',
    { input: { firstNam: 'x' } },
  ],
];

describe('with INTROSPECTION=false', () => {
  test.each([
    ['all of it', getIntrospectionQuery()],
    ['its types', '{ __schema { types { name } } }'],
    ['one type', '{ __type(name: "User") { name } }'],
  ])('the schema cannot be asked for: %s', async (_what, document) => {
    const t = await start({ INTROSPECTION: 'false' });
    const { data, errors } = await t.graphql(document);
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.message).toMatch(/^GraphQL introspection has been disabled/);
  });

  test.each(misspelled)('no refusal suggests the right name of %s', async (_what, document, variables) => {
    const t = await start({ INTROSPECTION: 'false' });
    for (let i = 0; i < 2; i += 1) {
      const { errors } = await t.graphql(document, variables);
      expect(errors?.[0]?.message).toMatch(/\w/);
      expect(JSON.stringify(errors)).not.toContain('Did you mean');
    }
  });

  test('a document names its types all the same', async () => {
    const t = await start({ INTROSPECTION: 'false' });
    expect((await t.graphql('{ __typename }')).data).toEqual({ __typename: 'Query' });
  });
});

describe('a name of a million letters costs nothing, whatever its letters', () => {
  const update = 'mutation ($input: UpdateUserInput!) { updateUser(id: "x", input: $input) { id } }';

  // Searching for each of their endings took more than half a minute.
  test.each([
    ['of a parameter', (name: string) => ({ query: update, [name]: 1 })],
    ['of a field in the variables', (name: string) => ({ query: update, variables: { input: { [name]: 1 } } })],
  ])('%s', async (_what, params) => {
    const t = await start({ INTROSPECTION: 'false' });
    const before = process.cpuUsage();
    for (const words of [' Did you mean ', ' cannot represent ']) {
      const body = JSON.stringify(params(words.repeat(1_000_000 / words.length)));
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${t.key}` };
      const response = await t.fetch('/graphql', { method: 'POST', headers, body });
      expect(response.status).toBe(400);
      expect((await response.text()).length).toBeLessThan(2000);
    }
    expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
  });
});

test('with introspection, refusals help', async () => {
  const t = await start({});
  expect((await t.graphql(getIntrospectionQuery())).errors).toBeUndefined();
  for (const [, document, variables] of misspelled) {
    expect(JSON.stringify((await t.graphql(document, variables)).errors), document).toContain('Did you mean');
  }
});

test('introspection is on unless production says otherwise', () => {
  expect(mayIntrospect(readConfig({}))).toBe(true);
  expect(mayIntrospect(readConfig(production))).toBe(false);
  expect(mayIntrospect(readConfig({ ...production, INTROSPECTION: 'true' }))).toBe(true);
});
