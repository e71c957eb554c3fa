import { describe, expect, test } from 'vitest';
import { exchange, openConnection } from '../support/sockets.ts';
import { useVictim } from '../support/victim.ts';

const victim = useVictim();

function expectRefusal(answer: string, status: number, code: string) {
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).toMatch(/\r\nx-request-id: [\w-]{36}\r\n/);
  expect(answer).toContain(`"code":"${code}"`);
}

const get = (host: string, target = '/health') => `GET ${target} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;

describe('what is no HTTP request is refused with 400', () => {
  test.each([
    ['not HTTP at all', 'hello\r\n\r\n'],
    ['a header without a name', 'GET /health HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n'],
    ['two lengths', 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['a chunk without a size', 'POST /graphql HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
    ['a target that is no path', get('Host: a\r\n', 'health')],
    ['TRACE', 'TRACE /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
  ])('%s', async (_what, bytes) => {
    expectRefusal(await exchange(victim.server.url, bytes), 400, 'bad_request');
  });
});

describe('an absurd Host header is refused with 400', () => {
  test.each([
    ['none', ''],
    ['an empty one', 'Host:\r\n'],
    ['two', 'Host: localhost\r\nHost: elsewhere.example\r\n'],
    ['a space', 'Host: local host\r\n'],
    ['a user', 'Host: localhost@elsewhere.example\r\n'],
    ['a path', 'Host: localhost/x\r\n'],
    ['a query', 'Host: localhost?\r\n'],
    ['a fragment', 'Host: localhost#\r\n'],
    ['a backslash', 'Host: localhost\\x\r\n'],
    ['an open bracket', 'Host: [::1\r\n'],
    ['an impossible port', 'Host: localhost:99999\r\n'],
    ['an impossible number', 'Host: 1.2.3.256\r\n'],
    ['an escape', 'Host: %6cocalhost\r\n'],
  ])('%s', async (_what, host) => {
    expectRefusal(await exchange(victim.server.url, get(host)), 400, 'bad_request');
  });

  test('HTTP/1.0 needs none, as the health checks of some load balancers have it', async () => {
    expect(await exchange(victim.server.url, 'GET /health HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('an expectation', () => {
  const post = (expect: string) =>
    `POST /graphql HTTP/1.1\r\nHost: a\r\nExpect: ${expect}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;

  test('that nobody meets is refused with 417, in the form of every other answer', async () => {
    const answer = await exchange(victim.server.url, post('foo'));
    expectRefusal(answer, 417, 'expectation_failed');
    expect(answer).toMatch(/\r\ncontent-type: application\/json\r\n/);
    expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  });

  test('to be asked for the body is met', async () => {
    expect(await exchange(victim.server.url, post('100-continue'))).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 401 /,
    );
  });
});

test('a transfer coding that nobody can take off is refused with 501', async () => {
  const head = 'POST /graphql HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n';
  expectRefusal(await exchange(victim.server.url, `${head}2\r\n{}\r\n0\r\n\r\n`), 501, 'not_implemented');
});

describe('too much', () => {
  test('headers of 20,000 bytes are refused with 431', async () => {
    const answer = await exchange(victim.server.url, get(`Host: a\r\nX: ${'a'.repeat(20_000)}\r\n`));
    expectRefusal(answer, 431, 'headers_too_large');
  });

  test('an address of 20,000 bytes is refused with 431', async () => {
    expectRefusal(
      await exchange(victim.server.url, get('Host: a\r\n', `/${'a'.repeat(20_000)}`)),
      431,
      'headers_too_large',
    );
  });

  test('a client that goes away in the middle of its request harms nobody', async () => {
    const { socket, received } = await openConnection(victim.server.url);
    socket.write('POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"query":');
    socket.resetAndDestroy();
    expect(await received).toBe('');
  });
});

describe('too slow', () => {
  const hasty = useVictim({ HEADERS_TIMEOUT_MS: '300', REQUEST_TIMEOUT_MS: '600' });

  test('headers that do not end are refused with 408 and the connection is closed', async () => {
    expectRefusal(await exchange(hasty.server.url, 'GET /health HTTP/1.1\r\nHost: a\r\n'), 408, 'request_timeout');
  });

  test('a body that does not end is cut off', async () => {
    const head = `POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"query":`;
    expectRefusal(await exchange(hasty.server.url, head), 408, 'request_timeout');
  });
});
