import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jsonHeaders, send, startTestServer, type TestServer } from '../support/server.ts';
import { dump } from '../support/users.ts';

const app = 'https://app.example.com';
const elsewhere = 'https://elsewhere.example';

let server: TestServer;
let before: unknown;
beforeAll(async () => {
  server = await startTestServer({
    CORS_ORIGINS: `${app},http://localhost:3000`,
    CORS_HEADERS: 'X-Tenant, x-trace',
    LOG_LEVEL: 'silent',
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  before = await dump(server.app);
});

const create = 'mutation { createUser(input: { email: "forged@example.com" }) { id } }';
const signIn = 'mutation { authenticateWithPassword(email: "a@example.com", password: "x") { accessToken } }';
const document = JSON.stringify({ query: '{ __typename }' });

const ask = (headers: Record<string, string>, body = document, path = '/graphql') =>
  send(`${server.url}${path}`, { method: 'POST', headers: { ...jsonHeaders(server.key), ...headers }, body });

function preflight(origin: string, path = '/graphql') {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  };
  return send(`${server.url}${path}`, { method: 'OPTIONS', headers });
}

const corsOf = ({ headers }: { headers: Headers }) =>
  [...headers.keys()].filter((name) => name.startsWith('access-control-'));

describe('a page of an origin in CORS_ORIGINS', () => {
  test('is told by the preflight what it may send, without credentials', async () => {
    const { status, headers, text } = await preflight(app);
    expect({ status, text }).toEqual({ status: 204, text: '' });
    expect(headers.get('access-control-allow-origin')).toBe(app);
    expect(headers.get('access-control-allow-methods')).toBe('GET, POST');
    expect(headers.get('access-control-allow-headers')).toMatch(/\bauthorization\b.*\bcontent-type\b/);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('vary')).toBe('Origin');
  });

  test.each(['traceparent', 'tracestate', 'baggage', 'sentry-trace', 'apollographql-client-name'])(
    'may send %s, as its libraries do',
    async (name) => {
      const allowed = (await preflight(app)).headers.get('access-control-allow-headers')?.split(', ');
      expect(allowed).toContain(name);
      const answer = await ask({ origin: app, [name]: 'x' });
      expect(answer).toMatchObject({ status: 200, data: { __typename: 'Query' } });
    },
  );

  test('may send what CORS_HEADERS adds, and no header that says who it is', async () => {
    const allowed = (await preflight(app)).headers.get('access-control-allow-headers')?.split(', ') ?? [];
    expect(allowed).toEqual(expect.arrayContaining(['x-tenant', 'x-trace']));
    expect(allowed.filter((name) => /forward|real-ip|^via$|host|cookie/.test(name))).toEqual([]);
  });

  test('may ask, and read the answer, the id of the request, and how long to wait', async () => {
    const { status, headers } = await ask({ origin: app, 'sec-fetch-site': 'cross-site' });
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe(app);
    expect(headers.get('access-control-expose-headers')).toBe(
      'retry-after, roster-write-position, idempotent-replayed, x-request-id',
    );
    expect(headers.get('vary')).toBe('Origin');
  });

  test('may read refusals, too', async () => {
    const answer = await ask({ origin: app, authorization: 'Bearer nonsense' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe(app);
  });

  test('is answered by GraphQL only: REST is for backends', async () => {
    expect(corsOf(await preflight(app, '/user_management/users'))).toEqual([]);
    const answer = await ask({ origin: app }, '{"email": "forged@example.com"}', '/user_management/users');
    expect(answer.status).toBe(403);
    expect(corsOf(answer)).toEqual([]);
    expect(await dump(server.app)).toEqual(before);
  });
});

describe('a page of any other origin', () => {
  test.each([
    elsewhere,
    'null',
    'http://app.example.com',
    'https://app.example.com.elsewhere.example',
    'https://app.example.com:8443',
    'https://APP.example.com',
    'https://app.example.com/',
    '*',
  ])('%s is refused before anything happens, with a preflight and without', async (origin) => {
    for (const answer of [await preflight(origin), await ask({ origin }, JSON.stringify({ query: create }))]) {
      expect(answer).toMatchObject({ status: 403, errors: [{ extensions: { code: 'ORIGIN_NOT_ALLOWED' } }] });
      expect(corsOf(answer)).toEqual([]);
      expect(answer.headers.get('vary')).toBe('Origin');
    }
    expect(await dump(server.app)).toEqual(before);
  });

  test('is refused by REST, whose key it would have to know besides', async () => {
    const answer = await ask({ origin: elsewhere }, '{"email": "forged@example.com"}', '/user_management/users');
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'origin_not_allowed' });
    expect(await dump(server.app)).toEqual(before);
  });

  test.each(['cross-site', 'same-site'])('is refused when the browser says %s and hides the origin', async (site) => {
    expect(await ask({ 'sec-fetch-site': site }, JSON.stringify({ query: create }))).toMatchObject({ status: 403 });
    expect(await dump(server.app)).toEqual(before);
  });
});

describe("Roster's own page, and whoever is no browser,", () => {
  test('need not be in the list', async () => {
    for (const headers of [{}, { origin: server.url, 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }]) {
      const answer = await ask(headers as Record<string, string>);
      expect(answer).toMatchObject({ status: 200, data: { __typename: 'Query' } });
      expect(corsOf(answer)).toEqual([]);
    }
  });

  test('also behind what ends TLS', async () => {
    expect(await ask({ origin: server.url.replace('http:', 'https:') })).toMatchObject({ status: 200 });
  });
});

describe('what a form or an image of another site can send has no effect', () => {
  const forms: [type: string, body: (query: string) => string][] = [
    ['application/x-www-form-urlencoded', (query) => new URLSearchParams({ query }).toString()],
    [
      'multipart/form-data; boundary=x',
      (query) => `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${query}\r\n--x--\r\n`,
    ],
    [
      'multipart/form-data; boundary=x',
      (query) =>
        `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query })}\r\n--x--\r\n`,
    ],
    ['text/plain', (query) => JSON.stringify({ query })],
    ['text/plain;application/json', (query) => JSON.stringify({ query })],
    ['application/graphql', (query) => query],
    ['', (query) => JSON.stringify({ query })],
  ];

  test.each(forms)('%s, even with a key and without an origin', async (type, body) => {
    const answer = await ask({ 'content-type': type }, body(create));
    expect(answer).toMatchObject({ status: 415, errors: [{ extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } }] });
    expect(await dump(server.app)).toEqual(before);
  });

  test.each(forms)('%s, for a sign-in, which needs no key', async (type, body) => {
    const headers = { 'content-type': type };
    const answer = await send(`${server.url}/graphql`, { method: 'POST', headers, body: body(signIn) });
    expect([401, 415]).toContain(answer.status);
    expect(answer.text).not.toContain('INVALID_CREDENTIALS');
  });

  test('a GET does not mutate, even with a key, and asks nothing without', async () => {
    for (const query of [create, signIn]) {
      const address = `${server.url}/graphql?query=${encodeURIComponent(query)}`;
      expect(await send(address, { headers: jsonHeaders(server.key) })).toMatchObject({ status: 405 });
      expect(await send(address)).toMatchObject({ status: 401 });
    }
    expect(await send(`${server.url}/graphql?query={__typename}`)).toMatchObject({ status: 401 });
    expect(await dump(server.app)).toEqual(before);
  });
});

test.each([[[]], [[{ query: create }]], [[{ query: create }, { query: create }]]])(
  'a batch is refused with a sentence: %j',
  async (batch) => {
    const answer = await ask({}, JSON.stringify(batch));
    expect(answer).toMatchObject({ status: 400, errors: [{ message: 'Batching is not supported.' }] });
    expect(await dump(server.app)).toEqual(before);
  },
);

test.each(['/health', '/graphql', '/user_management/users', '/openapi.json', '/nonsense', '/'])(
  '%s tells browsers to load, frame and guess nothing',
  async (path) => {
    const { headers } = await send(`${server.url}${path}`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('strict-transport-security')).toBeNull();
  },
);
