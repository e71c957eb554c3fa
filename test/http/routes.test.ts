import { describe, expect, test } from 'vitest';
import { type Answer, jsonHeaders, post, send } from '../support/server.ts';
import { exchange } from '../support/sockets.ts';
import { useVictim } from '../support/victim.ts';

const victim = useVictim();
const requestId = /^[\w-]{36}$/;

function expectAnswer({ status, headers }: Answer, expected: number) {
  expect(status).toBe(expected);
  expect(headers.get('x-request-id')).toMatch(requestId);
}

describe.each([
  ['/health', 'alive'],
  ['/ready', 'ready'],
])('%s', (path, state) => {
  test('answers GET, needs no key and is not to be cached', async () => {
    const answer = await send(`${victim.server.url}${path}`);
    expectAnswer(answer, 200);
    expect(JSON.parse(answer.text)).toEqual({ status: state });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('answers HEAD without a body', async () => {
    const answer = await send(`${victim.server.url}${path}`, { method: 'HEAD' });
    expectAnswer(answer, 200);
    expect(answer.text).toBe('');
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('refuses %s and says what it allows', async (method) => {
    const answer = await send(`${victim.server.url}${path}`, { method });
    expectAnswer(answer, 405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'method_not_allowed' });
  });
});

describe('/graphql', () => {
  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])('refuses %s and says what it allows', async (method) => {
    const { url, key } = victim.server;
    const answer = await send(`${url}/graphql`, { method, headers: jsonHeaders(key) });
    expectAnswer(answer, 405);
    expect(answer.headers.get('allow')).toBe('GET, POST');
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
  });

  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND'])(
    'refuses %s with 405 also where a stream or a page is accepted, and a subscription asked for',
    async (method) => {
      const { url, key } = victim.server;
      const subscription = `?query=${encodeURIComponent('subscription { events { id } }')}`;
      for (const accept of ['text/event-stream', 'text/event-stream, */*', 'text/html', 'application/xml']) {
        for (const query of ['', subscription]) {
          const headers = { ...jsonHeaders(key), accept };
          const answer = await send(`${url}/graphql${query}`, { method, headers });
          expectAnswer(answer, 405);
          expect(answer.headers.get('allow')).toBe('GET, POST');
          expect(answer.headers.get('content-type')).toBe('application/json');
        }
      }
    },
  );

  const get = (query: string, more = '') => {
    const { url, key } = victim.server;
    return send(`${url}/graphql?query=${encodeURIComponent(query)}${more}`, { headers: jsonHeaders(key) });
  };

  test('answers a query by GET', async () => {
    expect(await get('{ __typename }')).toMatchObject({ status: 200, data: { __typename: 'Query' } });
  });

  test('refuses a mutation by GET', async () => {
    const answer = await get(`mutation { deleteUser(id: "${victim.userId}") { id } }`);
    expectAnswer(answer, 405);
    expect(answer.headers.get('allow')).toBe('POST');
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
  });

  test('refuses malformed variables in the address, and does not take it for a bug', async () => {
    const answer = await get('{ __typename }', '&variables={"secret');
    expectAnswer(answer, 400);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    expect(answer.text).not.toContain('secret');
  });
});

test('/ leads to /graphql', async () => {
  const answer = await send(victim.server.url);
  expectAnswer(answer, 302);
  expect(answer.headers.get('location')).toBe('/graphql');
});

test.each(['/nonsense', '/graphql/', '/GRAPHQL', '//graphql', '/%00', '/health/%2E%2Eadmin'])(
  '%s is not found',
  async (path) => {
    const answer = await exchange(
      victim.server.url,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404 .*"code":"not_found"/s);
    expect(answer).toMatch(/\r\nx-request-id: [\w-]{36}\r\n/);
  },
);

describe('X-Request-ID', () => {
  const answeredId = async (id: string) => {
    const answer = await send(`${victim.server.url}/health`, { headers: { 'x-request-id': id } });
    return answer.headers.get('x-request-id');
  };

  test("is the caller's own where it is a harmless one, else a new one", async () => {
    expect(await answeredId('order-17.a_B')).toBe('order-17.a_B');
    for (const id of ['a b', '<script>', 'x'.repeat(129), '"']) expect(await answeredId(id)).toMatch(requestId);
  });

  test('is on refusals too, and a new one each time', async () => {
    const answers = await Promise.all([1, 2].map(() => post(victim.server.url, 'no key', '{ __typename }')));
    const ids = answers.map(({ headers }) => headers.get('x-request-id'));
    expect(new Set(ids).size).toBe(2);
  });
});
