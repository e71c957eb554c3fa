import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { newTestDatabase, production } from '../support/processes.ts';
import { type Served, send, serveHere } from '../support/server.ts';
import { exchange } from '../support/sockets.ts';

async function start(settings: Record<string, string> = {}): Promise<Served> {
  const server = await serveHere(settings);
  onTestFinished(server.dispose);
  return server;
}

const html = { accept: 'text/html,application/xhtml+xml' };
const askAs = (url: string, host: string) =>
  exchange(url, `GET /graphql HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n`);

test('the page of a new database holds the development key, and is kept from caches, frames and other hosts', async () => {
  const server = await start();
  const { status, text, headers } = await send(`${server.url}/graphql`, { headers: html });
  expect(status).toBe(200);
  expect(text).toContain(server.key);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  const policy = headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/https?:|\*/);
});

describe('a page asked for', () => {
  let server: Served;
  beforeAll(async () => {
    server = await serveHere();
  });
  afterAll(() => server.dispose());

  test.each(['elsewhere.example', 'localhost.elsewhere.example', '127.0.0.1.elsewhere.example', '192.0.2.1', '[::2]'])(
    'as %s, which a rebound name of another site would do, holds no key',
    async (host) => {
      const page = await askAs(server.url, host);
      expect(page).toMatch(/^HTTP\/1\.1 200 /);
      expect(page).not.toContain(server.key);
    },
  );

  test.each(['localhost', '127.0.0.1:4000', '[::1]:4000', 'LOCALHOST'])('as %s holds the key', async (host) => {
    const page = await askAs(server.url, host);
    expect(page).toContain(server.key);
  });

  test.each([
    ['1.1', 'X-Forwarded-For: 192.0.2.1'],
    ['1.1', 'X-Real-IP: 192.0.2.1'],
    ['1.1', 'Forwarded: for=192.0.2.1'],
    ['1.1', 'Via: 1.1 proxy'],
    ['1.0', 'Accept-Language: en'],
  ])('through a proxy on this machine, in HTTP/%s with %s, holds no key', async (version, header) => {
    const page = await exchange(
      server.url,
      `GET /graphql HTTP/${version}\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n${header}\r\nConnection: close\r\n\r\n`,
    );
    expect(page).toMatch(/^HTTP\/1\.1 200 /);
    expect(page).not.toContain(server.key);
  });
});

test('a caller from another address never sees the key, whatever host it names', async () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal);
  expect(outside, 'this test needs a network address besides 127.0.0.1').toBeDefined();
  const server = await start({ HOST: '0.0.0.0' });
  const { port } = new URL(server.url);
  const page = await askAs(`http://${outside?.address}:${port}`, 'localhost');
  expect(page).toMatch(/^HTTP\/1\.1 200 /);
  expect(page).not.toContain(server.key);
});

async function expectNoKeyOn({ url }: Served) {
  const { text } = await send(`${url}/graphql`, { headers: html });
  expect(text.match(/sk_[\w-]{43}/)).toBeNull();
  expect(text).toContain('node dist/main.js api-key create NAME');
}

test('after a restart no page holds a key', async () => {
  const { url } = newTestDatabase();
  const first = await start({ DATABASE_URL: url });
  await first.stop();
  await expectNoKeyOn(await start({ DATABASE_URL: url }));
});

test('with NODE_ENV=production no page holds a key', async () => {
  await expectNoKeyOn(await start({ ...production, GRAPHIQL: 'true' }));
});

test('a browser that reloads GraphiQL, which keeps the open query in the address, has the page again', async () => {
  const server = await start();
  const answer = await send(`${server.url}/graphql?query={__typename}`, { headers: html });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
});

describe('the page', () => {
  let server: Served;
  beforeAll(async () => {
    server = await serveHere();
  });
  afterAll(() => server.dispose());

  const assetsOf = (text: string) => [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);

  test('is small, and its files are the same for everybody, for ever', async () => {
    const { text } = await send(`${server.url}/graphql`, { headers: html });
    expect(text.length).toBeLessThan(20_000);
    const paths = assetsOf(text);
    expect(paths.map((path) => path.replace(/^\/graphql\/graphiql\.[0-9a-f]{32}\./, ''))).toEqual(['ico', 'css', 'js']);
    expect(assetsOf((await send(`${server.url}/graphql`, { headers: html })).text)).toEqual(paths);
    for (const path of paths) {
      const { status, headers } = await send(`${server.url}${path}`);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(headers.get('content-encoding')).toBe('gzip');
      expect(headers.get('vary')).toBe('Accept-Encoding');
      const etag = headers.get('etag') ?? '';
      const again = await send(`${server.url}${path}`, { headers: { 'if-none-match': etag } });
      expect(again).toMatchObject({ status: 304, text: '' });
      expect(again.headers.get('etag')).toBe(etag);
    }
  });

  test('has files for those who cannot decompress, too, and none of another version', async () => {
    const script = assetsOf((await send(`${server.url}/graphql`, { headers: html })).text).at(-1) ?? '';
    const compressed = await send(`${server.url}${script}`);
    for (const coding of ['identity', 'gzip;q=0, br']) {
      const { headers, text } = await send(`${server.url}${script}`, { headers: { 'accept-encoding': coding } });
      expect(headers.get('content-encoding')).toBeNull();
      expect(text === compressed.text).toBe(true);
    }
    const older = script.replace(/[0-9a-f]{32}/, '0'.repeat(32));
    expect(await send(`${server.url}${older}`)).toMatchObject({ status: 404 });
    expect((await send(`${server.url}${script}`, { method: 'POST' })).status).toBe(405);
  });
});

test('in production there is no page unless asked for: a sentence says how, and the files are not there', async () => {
  const shown = await start();
  const [, file] = /src="(\/[^"]+)"/.exec((await send(`${shown.url}/graphql`, { headers: html })).text) ?? [];
  const server = await start(production);
  const answer = await send(`${server.url}/graphql`, { headers: html });
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(answer.text).toMatch(/^[^\n]*GRAPHIQL=true[^\n]*\n$/);
  expect(await send(`${server.url}${file}`)).toMatchObject({ status: 404 });
  expect((await send(`${server.url}/graphql?query={__typename}`, { headers: html })).status).toBe(401);
});

test('with GRAPHIQL=false there is no page', async () => {
  const server = await start({ GRAPHIQL: 'false' });
  const answer = await send(`${server.url}/graphql`, { headers: html });
  expect(answer).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHORIZED' } }] });
});
