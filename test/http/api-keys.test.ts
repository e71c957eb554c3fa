import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopDurations } from '../support/clock.ts';
import { roster } from '../support/processes.ts';
import { post, type Served, send, serveHere } from '../support/server.ts';

let server: Served;
let revokedKey: string;
beforeAll(async () => {
  server = await serveHere();
  const created = await cli('api-key', 'create', 'revoked');
  revokedKey = created.stdout.trim();
  await cli('api-key', 'revoke', /key_\w+/.exec(created.stderr)?.[0] ?? '');
});
afterAll(() => server.dispose());

const cli = (...args: string[]) => roster(args, { DATABASE_URL: server.databaseUrl });
const status = async (key: string) => (await post(server.url, key, '{ __typename }')).status;

/** Each makes an `Authorization` header out of the valid key and the revoked one. */
const refused: [how: string, authorization: (key: string, revoked: string) => string | undefined][] = [
  ['no key', () => undefined],
  ['an empty header', () => ''],
  ['no scheme', (key) => key],
  ['another scheme', (key) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`],
  ['a malformed key', () => 'Bearer sk_nonsense'],
  ['the key without its prefix', (key) => `Bearer ${key.slice(3)}`],
  ['a key and something after it', (key) => `Bearer ${key} x`],
  ['two keys', (key) => `Bearer ${key}, Bearer ${key}`],
  ['another case of the key', (key) => `Bearer ${key.toUpperCase()}`],
  ['an unknown key', () => `Bearer sk_${'a'.repeat(43)}`],
  ['a revoked key', (_key, revoked) => `Bearer ${revoked}`],
];

const operations: [what: string, body: string][] = [
  ['a query', JSON.stringify({ query: '{ users { totalCount } }' })],
  ['introspection', JSON.stringify({ query: getIntrospectionQuery() })],
  ['__typename', JSON.stringify({ query: '{ __typename }' })],
  ['a document that does not parse', JSON.stringify({ query: '{' })],
  ['an unknown field', JSON.stringify({ query: '{ nonsense }' })],
  ['malformed JSON', '{'],
];

const expectedBody =
  '{"errors":[{"message":"A valid API key is required: \\"Authorization: Bearer sk_…\\".","extensions":{"code":"UNAUTHORIZED"}}]}';

describe.each(refused)('with %s, every operation has the very same answer:', (_how, authorization) => {
  test.each(operations)('%s', async (_what, body) => {
    const given = authorization(server.key, revokedKey);
    const headers = { 'content-type': 'application/json', ...(given !== undefined && { authorization: given }) };
    const answer = await send(`${server.url}/graphql`, { method: 'POST', headers, body });
    expect(answer).toMatchObject({ status: 401, text: expectedBody });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    const names = [...answer.headers.keys()].filter((name) => name !== 'connection' && name !== 'keep-alive');
    expect(names).toEqual([
      'cache-control',
      'content-length',
      'content-security-policy',
      'content-type',
      'cross-origin-resource-policy',
      'date',
      'referrer-policy',
      'vary',
      'www-authenticate',
      'x-content-type-options',
      'x-request-id',
    ]);
  });
});

test.each(['api_key', 'access_token', 'authorization', 'key'])('a key in the address (%s) is no key', async (name) => {
  const answer = await send(`${server.url}/graphql?query={__typename}&${name}=${server.key}`);
  expect(answer).toMatchObject({ status: 401, text: expectedBody });
});

test.each(['Bearer ', 'bearer ', 'BEARER ', 'Bearer   '])('the scheme may be written %j (RFC 9110)', async (scheme) => {
  const headers = { 'content-type': 'application/json', authorization: `${scheme}${server.key}` };
  const answer = await send(`${server.url}/graphql`, { method: 'POST', headers, body: '{"query":"{__typename}"}' });
  expect(answer.status).toBe(200);
});

test('a key that another process makes is accepted at once; revoked there, it is refused within two seconds', async () => {
  const durations = stopDurations();
  const created = await cli('api-key', 'create', 'short-lived');
  const key = created.stdout.trim();
  expect(await status(key)).toBe(200);
  expect((await cli('api-key', 'revoke', /key_\w+/.exec(created.stderr)?.[0] ?? '')).code).toBe(0);
  durations.forward(2000);
  expect(await status(key)).toBe(401);
  expect(await status(server.key)).toBe(200);
});

test('the last use of a key is stamped', async () => {
  const { stdout: key, stderr } = await cli('api-key', 'create', 'counted');
  const id = /key_\w+/.exec(stderr)?.[0] ?? '';
  const line = async () => (await cli('api-key', 'list')).stdout.split('\n').find((text) => text.startsWith(id));
  expect(await line()).toContain('never used');
  expect(await status(key.trim())).toBe(200);
  await expect.poll(line, { timeout: 15_000 }).toMatch(/last used \d{4}-\d\d-\d\dT[\d:.]+Z {2}may: /);
});

test('no file of the database holds a key, and no log line does', async () => {
  const folder = dirname(server.file);
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
  expect(files.join('').length).toBeGreaterThan(10_000);
  for (const key of [server.key, revokedKey]) expect(files.join('')).not.toContain(key.slice(3));
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  expect(lines.join('\n')).not.toContain('sk_');
  expect(server.output().split(server.key)).toHaveLength(2); // the welcome, once
});
