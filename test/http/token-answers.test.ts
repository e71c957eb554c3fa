import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonHeaders, post, send, startTestServer, type TestServer } from '../support/server.ts';
import { password } from '../support/sessions.ts';
import { makeUser } from '../support/users.ts';

let server: TestServer;
const email = 'tokens@example.com';
const signIn =
  'mutation ($p: String!) { authenticateWithPassword(email: "tokens@example.com", password: $p) { accessToken } }';
beforeAll(async () => {
  server = await startTestServer();
  await makeUser(server.app, { email, password, emailVerified: true });
});
afterAll(() => server.close());

const graphql = (body: string, key = server.key) =>
  send(`${server.url}/graphql`, { method: 'POST', headers: jsonHeaders(key), body });
const rest = (body: object) =>
  send(`${server.url}/user_management/authenticate`, {
    method: 'POST',
    headers: jsonHeaders(server.key),
    body: JSON.stringify({ grant_type: 'password', email, ...body }),
  });

test('no cache keeps an answer with tokens, nor any other of GraphQL and of REST', async () => {
  const answers = [
    await post(server.url, server.key, signIn, { p: password }),
    await post(server.url, server.key, signIn, { p: password }), // a document that was seen before
    await rest({ password }),
  ];
  for (const { text, headers } of answers) {
    expect(text).toMatch(/access_?token/i);
    expect(headers.get('cache-control')).toBe('no-store');
  }
  const others = [
    await post(server.url, 'sk_wrong', signIn),
    await post(server.url, server.key, '{'),
    await post(server.url, server.key, signIn, { p: 'wrong' }),
    await graphql('x'.repeat(300_000)),
    await send(`${server.url}/graphql?query={viewer{id}}`, { headers: jsonHeaders(server.key) }),
    await rest({ password: 'wrong' }),
    await rest({}),
  ];
  for (const { headers, status } of others)
    expect([status, headers.get('cache-control')]).toEqual([status, 'no-store']);
});

describe('a name twice is refused', () => {
  const query = JSON.stringify(signIn);

  test.each([
    ['a query', `{"query": ${query}, "variables": {"p": "x"}, "query": ${query}}`],
    ['a variable', `{"query": ${query}, "variables": {"p": "x", "p": "y"}}`],
    ['a name, once escaped', `{"query": ${query}, "variables": {"p": "x", "\\u0070": "y"}}`],
    ['a metadata key', `{"query": "{ __typename }", "variables": {"input": {"metadata": {"a": "1", "a": "2"}}}}`],
  ])('%s in the body of GraphQL', async (_what, body) => {
    const answer = await graphql(body);
    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    expect(answer.errors?.[0]?.message).toBe('The request has a name twice, and it is not clear which one counts.');
  });

  test.each([
    'query={__typename}&query={viewer{id}}',
    'query={__typename}&variables={"a":1,"a":2}',
    'query={__typename}&extensions={"a":{"b":1,"b":2}}',
  ])('in %s', async (search) => {
    const answer = await send(`${server.url}/graphql?${search}`, { headers: jsonHeaders(server.key) });
    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  test('but not the same name in two objects, nor a name that is a value', async () => {
    const variables = '{"p": "p", "q": {"p": "\\"p\\": {", "r": ["p", {"p": 1}]}}';
    const answer = await graphql(`{"query": "{ __typename }", "variables": ${variables}}`);
    expect(answer).toMatchObject({ status: 200, data: { __typename: 'Query' } });
  });
});

describe('a body with an access token', () => {
  const padded = (length: number) => `{"query": "{ viewer { id } }"}`.padEnd(length);

  test('is as small as that of a stranger; a backend may send more', async () => {
    const { data } = await post(server.url, server.key, signIn, { p: password });
    const { accessToken = '' } = (data?.authenticateWithPassword ?? {}) as { accessToken?: string };
    expect((await graphql(padded(16_384), accessToken)).status).toBe(200);
    const answer = await graphql(padded(16_385), accessToken);
    expect(answer).toMatchObject({ status: 413, errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] });
    expect(answer.errors?.[0]?.message).toBe('The request body is longer than 16384 bytes.');
    expect((await graphql(padded(16_385))).status).toBe(200);
  });
});
