import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonHeaders, post, postUser, send, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ LOG_LEVEL: 'silent' });
});
afterAll(() => server.close());

const hash = (document: string) => createHash('sha256').update(document).digest('hex');
const query = '{ __typename }';
const extensions = { persistedQuery: { version: 1, sha256Hash: hash(query) } };
const notSupported = {
  status: 200,
  errors: [{ message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
};

const postJson = (body: unknown, headers: Record<string, string>) =>
  send(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const get = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
  send(`${server.url}/graphql?${new URLSearchParams(parameters)}`, { headers });

describe('a hash without its query', () => {
  test('is told to send the query, whoever asks, by POST and by GET', async () => {
    const callers = [{}, { authorization: 'Bearer nonsense' }, { authorization: `Bearer ${server.key}` }];
    for (const headers of callers as Record<string, string>[]) {
      for (const body of [{ extensions }, { query: '', extensions }, { query: null, operationName: 'A', extensions }]) {
        expect(await postJson(body, headers)).toMatchObject(notSupported);
      }
      const answer = await get({ operationName: 'A', extensions: JSON.stringify(extensions) }, headers);
      expect(answer).toMatchObject(notSupported);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });

  test('is told so with long variables too, once the caller is known', async () => {
    const variables = { text: 'x'.repeat(20_000) };
    expect(await postJson({ extensions, variables }, jsonHeaders(server.key))).toMatchObject(notSupported);
    expect(await postJson({ extensions, variables }, {})).toMatchObject({ status: 401 });
  });

  test('is no way around the media type that no form can send', async () => {
    const headers = { ...jsonHeaders(server.key), 'content-type': 'text/plain' };
    expect(await postJson({ extensions }, headers)).toMatchObject({ status: 415 });
  });
});

test('a hash with its query is answered as the query', async () => {
  const answered = { status: 200, data: { __typename: 'Query' } };
  expect(await postJson({ query, extensions }, jsonHeaders(server.key))).toMatchObject(answered);
  const parameters = { query, extensions: JSON.stringify(extensions) };
  expect(await get(parameters, jsonHeaders(server.key))).toMatchObject(answered);
  expect(await postJson({ query, extensions }, {})).toMatchObject({ status: 401 });
});

test.each([
  [{}],
  [{ extensions: null }],
  [{ extensions: { persistedQuery: null } }],
  [{ extensions: { persistedQuery: { sha256Hash: 1 } } }],
  [{ extensions: [], variables: { persistedQuery: { sha256Hash: 'x' } } }],
  [[{ extensions }]],
])('%j names no hash', async (body) => {
  expect(await postJson(body, jsonHeaders(server.key))).toMatchObject({ status: 400 });
  expect(await postJson(body, {})).toMatchObject({ status: 401 });
});

describe("Apollo's link for persisted queries", () => {
  const sent: string[] = [];
  const createClient = (useGETForHashedQueries: boolean) => {
    const uri = `${server.url}/graphql`;
    const http = new HttpLink({
      uri,
      headers: { authorization: `Bearer ${server.key}` },
      fetch: (input, init) => {
        sent.push(`${init?.method} ${JSON.stringify(init?.body ?? String(input)).includes('query') ? 'asks' : ''}`);
        return fetch(input, init);
      },
    });
    const persisted = new PersistedQueryLink({ sha256: async (text: string) => hash(text), useGETForHashedQueries });
    return new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.from([persisted, http]) });
  };

  test.each([false, true])('sends the query then, with GET for hashes: %s', async (useGet) => {
    const email = `apollo-${useGet}@example.com`;
    const id = await postUser(server.url, server.key, { email });
    const client = createClient(useGet);
    sent.length = 0;
    const document = gql`query User($id: ID!) { user(id: $id) { id email } }`;
    const { data } = await client.query<{ user: { email: string } }>({ query: document, variables: { id } });
    expect(data?.user.email).toBe(email);
    expect(sent).toHaveLength(2);
    expect(sent[0]).toMatch(useGet ? /^GET/ : /^POST/);
  });

  test('sends a mutation then, which is done once', async () => {
    const client = createClient(true);
    const id = await postUser(server.url, server.key, { email: 'mutation@example.com' });
    const mutation = gql`
      mutation Rename($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { firstName version } }
    `;
    const variables = { id, input: { firstName: 'Ada' } };
    const { data } = await client.mutate<{ updateUser: object }>({ mutation, variables });
    expect(data?.updateUser).toMatchObject({ firstName: 'Ada', version: 2 });
    expect((await post(server.url, server.key, `{ user(id: "${id}") { version } }`)).data).toEqual({
      user: { version: 2 },
    });
  });
});
