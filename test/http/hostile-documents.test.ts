import { describe, expect, test } from 'vitest';
import { type Answer, jsonHeaders, post, send } from '../support/server.ts';
import { useVictim } from '../support/victim.ts';

const victim = useVictim();

const run = (query: string, variables?: unknown, more?: object) =>
  post(victim.server.url, victim.server.key, query, variables, more);

/** The parser's stack or the limit of tokens, whichever ends first. */
const tooDeep = expect.stringMatching(/^(BAD_REQUEST|DOCUMENT_LIMIT_EXCEEDED)$/);

function expectRefusal(answer: Answer, code: unknown) {
  expect(answer.errors).toMatchObject([{ message: expect.stringMatching(/\w/), extensions: { code } }]);
  expect(answer.data ?? null).toBeNull();
  expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
}

const nested = (levels: number) => `${'{ a '.repeat(levels)}${'}'.repeat(levels)}`;

describe('a document that would cost too much is refused before anything runs', () => {
  test.each([
    ['1,000 levels deep', nested(1000), 'DOCUMENT_LIMIT_EXCEEDED'],
    ['100,000 levels deep', '{a'.repeat(100_000), 'DOCUMENT_LIMIT_EXCEEDED'],
    [
      'a list 900 levels deep',
      `{ user(id: ${'['.repeat(900)}${']'.repeat(900)}) { id } }`,
      'INVALID_REQUEST_PARAMETERS',
    ],
    ['a list 100,000 levels deep', `{ user(id: ${'['.repeat(100_000)}`, tooDeep],
    ['a type 100,000 levels deep', `query ($x: ${'['.repeat(100_000)}`, 'DOCUMENT_LIMIT_EXCEEDED'],
    ['deep, but short enough for the parser', nested(13), 'DOCUMENT_LIMIT_EXCEEDED'],
    [
      'fragments that spread each other',
      '{ users { edges { node { ...A } } } } fragment A on User { ...B } fragment B on User { ...A }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'introspection that goes round in circles',
      '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])('%s', async (_what, document, code) => {
    const answer = await run(document);
    expectRefusal(answer, code);
  });

  test('1,000 aliases of one mutation', async () => {
    const aliases = Array.from({ length: 1000 }, (_, i) => `a${i}: createUser(input: { email: "a${i}@x.com" }) { id }`);
    expectRefusal(await run(`mutation { ${aliases.join(' ')} }`), 'DOCUMENT_LIMIT_EXCEEDED');
  });

  test('variables 50,000 levels deep', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const query = 'mutation ($id: ID!, $m: Metadata) { updateUser(id: $id, input: { metadata: $m }) { id } }';
    const body = `{"query": ${JSON.stringify(query)}, "variables": {"id": "${victim.userId}", "m": {"k": ${deep}}}}`;
    const init = { method: 'POST', headers: jsonHeaders(victim.server.key), body };
    expectRefusal(await send(`${victim.server.url}/graphql`, init), 'INVALID_METADATA');
  });
});

describe('a document that asks for what there is not is refused', () => {
  test.each([
    ['an unknown field', '{ nonsense }', 'GRAPHQL_VALIDATION_FAILED'],
    ['the password', '{ users { edges { node { password { hash } } } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a syntax error', 'mutation { deleteUser(', 'GRAPHQL_PARSE_FAILED'],
    ['an unused variable', 'query ($x: Int) { __typename }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an undeclared variable', '{ user(id: $x) { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a subscription that there is not', 'subscription { userUpdated { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an empty document', '', 'GRAPHQL_PARSE_FAILED'],
  ])('%s', async (_what, document, code) => {
    expectRefusal(await run(document), code);
  });

  test('an operation name that is not in the document, without repeating it', async () => {
    const answer = await run('query A { __typename } query B { __typename }', {}, { operationName: 'Correcthorse' });
    expectRefusal(answer, 'OPERATION_RESOLUTION_FAILURE');
    expect(answer.text).not.toContain('Correcthorse');
  });

  test('an unknown id', async () => {
    const id = 'user_00000000000000000000000000';
    const answer = await run('mutation ($id: ID!) { updateUser(id: $id, input: { name: "X" }) { id } }', { id });
    expectRefusal(answer, 'ENTITY_NOT_FOUND');
    expect(answer.errors).toMatchObject([{ message: `User not found: '${id}'.`, extensions: { entityId: id } }]);
  });
});
