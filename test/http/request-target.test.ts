import { describe, expect, test } from 'vitest';
import { jsonHeaders, send } from '../support/server.ts';
import { exchange } from '../support/sockets.ts';
import { useVictim } from '../support/victim.ts';

const victim = useVictim();

function ask(target: string, { method = 'GET', host = 'localhost', more = [] as string[] } = {}): Promise<string> {
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...more];
  return exchange(victim.server.url, `${lines.join('\r\n')}\r\n\r\n`);
}

const asKeyHolder = () => ({ more: [`Authorization: Bearer ${victim.server.key}`] });

describe('a target in absolute form (RFC 9112, section 3.2.2)', () => {
  test.each(['http://localhost/health', 'HTTPS://roster.example:8443/health?x=1', 'http://[::1]:4000/health'])(
    '%s is answered like its path',
    async (target) => {
      expect(await ask(target)).toMatch(/^HTTP\/1\.1 200 .*"status":"alive"/s);
    },
  );

  test('without a path is /, also before a query', async () => {
    for (const target of ['http://localhost', 'http://localhost?x=1']) {
      expect(await ask(target)).toMatch(/^HTTP\/1\.1 302 .*\r\nlocation: \/graphql\r\n/s);
    }
  });

  test('reaches REST and its query', async () => {
    const answer = await ask('http://roster.example/user_management/users?limit=1', asKeyHolder());
    expect(answer).toMatch(/^HTTP\/1\.1 200 .*victim@example\.com/s);
  });

  test('names the host, whatever the Host header says', async () => {
    const page = (target: string, host: string) => ask(target, { host, more: ['Accept: text/html'] });
    expect(await page('http://elsewhere.example/graphql', 'localhost')).not.toContain(victim.server.key);
    expect(await page('http://localhost/graphql', 'elsewhere.example')).toContain(victim.server.key);
  });

  test.each([
    'ftp://localhost/health',
    'http:///health',
    'http://user@localhost/health',
    'http://local%20host/health',
    'http://localhost:99999/health',
    'http:/health',
  ])('%s is refused with 400', async (target) => {
    expect(await ask(target)).toMatch(/^HTTP\/1\.1 400 .*"code":"bad_request"/s);
  });
});

describe('OPTIONS for the whole server (RFC 9112, section 3.2.4)', () => {
  test.each(['*', 'http://localhost'])('%s is answered with 204 and Allow', async (target) => {
    const answer = await ask(target, { method: 'OPTIONS' });
    expect(answer).toMatch(/^HTTP\/1\.1 204 /);
    expect(answer).toMatch(/\r\nallow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n/);
    expect(answer).toMatch(/\r\nx-request-id: [\w-]{36}\r\n/);
  });

  test('the asterisk is for OPTIONS alone', async () => {
    expect(await ask('*')).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('OPTIONS / is about / alone', async () => {
    expect(await ask('/', { method: 'OPTIONS' })).toMatch(/^HTTP\/1\.1 405 .*\r\nallow: GET, HEAD\r\n/s);
  });
});

describe('a path that a client should have resolved is refused with 400 before any routing', () => {
  test.each([
    '/graphql/../user_management/users',
    '/graphql/..',
    '/graphql/../',
    '/./health',
    '/health/.',
    '/..',
    '/graphql/%2e%2e/user_management/users',
    '/graphql/%2E./user_management/users',
    '/graphql/.%2e/user_management/users',
    '/%2e/health',
    '/graphql\\..\\user_management\\users',
    '\\health',
    '/user_management/users/external_id/a\\b',
    'http://localhost/graphql/../user_management/users',
    '/health#fragment',
    '/user_management/users#/identities',
  ])('%s', async (target) => {
    const answer = await ask(target, asKeyHolder());
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*"code":"bad_request"/s);
    expect(answer).toMatch(/\r\nx-request-id: [\w-]{36}\r\n/);
  });

  test.each(['a%2Fb', 'a..b', '...', '%2e%2e%2e', 'a%5Cb', '%7Bid%7D', '{id}', 'a%20b', 'a;b', '..%2F..', 'a/b'])(
    'an external id %s is looked up',
    async (externalId) => {
      const answer = await ask(`/user_management/users/external_id/${externalId}`, asKeyHolder());
      expect(answer).toMatch(/^HTTP\/1\.1 404 .*"code":"entity_not_found"/s);
    },
  );

  test('in a query they mean nothing', async () => {
    const { url, key } = victim.server;
    const answer = await send(`${url}/user_management/users?email=a\\..\\b/../c@example.com`, {
      headers: jsonHeaders(key),
    });
    expect(answer.status).not.toBe(404);
    expect(await ask('/health?x=/../\\')).toMatch(/^HTTP\/1\.1 200 /);
  });
});
