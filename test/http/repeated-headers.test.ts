import { describe, expect, test } from 'vitest';
import { exchange } from '../support/sockets.ts';
import { useVictim } from '../support/victim.ts';

const victim = useVictim();

/** One request with each header on a line of its own, also where it comes twice, as `fetch` would never send it. */
function ask(method: string, path: string, body: object, headers: [string, string][]): Promise<string> {
  const text = JSON.stringify(body);
  const all = [
    ['Host', 'localhost'],
    ['Connection', 'close'],
    ['Content-Length', String(Buffer.byteLength(text))],
    ...(headers.some(([name]) => name === 'Content-Type') ? [] : [['Content-Type', 'application/json']]),
    ...(headers.some(([name]) => name === 'Authorization') ? [] : [['Authorization', `Bearer ${victim.server.key}`]]),
    ...headers,
  ];
  const lines = [`${method} ${path} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`)];
  return exchange(victim.server.url, `${lines.join('\r\n')}\r\n\r\n${text}`);
}

const update = () => ({
  query: `mutation { updateUser(id: "${victim.userId}", input: { firstName: "Ada" }) { version } }`,
});
const userPath = () => `/user_management/users/${victim.userId}`;
const put = (headers: [string, string][]) => ask('PUT', userPath(), { first_name: 'Ada' }, headers);
const mutate = (headers: [string, string][]) => ask('POST', '/graphql', update(), headers);

describe('two headers Idempotency-Key are refused, and nothing is done', () => {
  test.each([
    ['two keys', 'a', 'b'],
    ['one key twice', 'a', 'a'],
    ['a key and none', 'a', ''],
  ])('%s', async (_what, ...keys) => {
    const headers = keys.map((key): [string, string] => ['Idempotency-Key', key]);
    expect(await put(headers)).toMatch(/^HTTP\/1\.1 400 .*"code":"bad_request".*more than once/s);
    expect(await mutate(headers)).toMatch(/^HTTP\/1\.1 400 .*"code":"BAD_REQUEST"/s);
    expect(await mutate(headers)).toContain('more than once');
  });

  test('but where a key does not count, two do not, either', async () => {
    const keys: [string, string][] = [
      ['Idempotency-Key', 'a'],
      ['idempotency-key', 'b'],
    ];
    expect(await ask('POST', '/graphql', { query: '{ __typename }' }, keys)).toMatch(/^HTTP\/1\.1 200 .*"Query"/s);
    expect(await ask('GET', userPath(), {}, keys)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('of other headers that come twice none is picked', () => {
  test('Authorization: nobody is let in', async () => {
    const one = `Bearer ${victim.server.key}`;
    for (const two of [`Bearer ${victim.server.key}`, 'Bearer sk_other', 'Basic eDp5']) {
      for (const values of [
        [one, two],
        [two, one],
      ]) {
        const headers = values.map((value): [string, string] => ['Authorization', value]);
        expect(await put(headers)).toMatch(/^HTTP\/1\.1 401 /);
        expect(await mutate(headers)).toMatch(/^HTTP\/1\.1 401 /);
      }
    }
  });

  test('Content-Type: the body is of no type that is taken', async () => {
    for (const types of [
      ['application/json', 'text/plain'],
      ['text/plain', 'application/json'],
    ]) {
      const headers = types.map((value): [string, string] => ['Content-Type', value]);
      expect(await put(headers)).toMatch(/^HTTP\/1\.1 415 /);
      expect(await mutate(headers)).toMatch(/^HTTP\/1\.1 415 /);
    }
  });

  test('Origin and Sec-Fetch-Site: one of another site is enough', async () => {
    const origins: [string, string][] = [
      ['Origin', 'http://localhost'],
      ['Origin', 'https://elsewhere.example'],
    ];
    const sites = (...values: string[]) => values.map((value): [string, string] => ['Sec-Fetch-Site', value]);
    for (const headers of [origins, sites('same-origin', 'cross-site'), sites('cross-site', 'cross-site')]) {
      expect(await put(headers)).toMatch(/^HTTP\/1\.1 403 /);
      expect(await mutate(headers)).toMatch(/^HTTP\/1\.1 403 /);
    }
  });

  test('X-Request-ID: the request has a new one', async () => {
    const headers: [string, string][] = [
      ['X-Request-ID', 'first'],
      ['X-Request-ID', 'second'],
    ];
    const answer = await ask('GET', userPath(), {}, headers);
    expect(answer).toMatch(/^HTTP\/1\.1 200 .*\r\nx-request-id: [\w-]{36}\r\n/s);
  });

  test('If-Match is a list, also on two lines', async () => {
    const stale: [string, string][] = [
      ['If-Match', '"7"'],
      ['If-Match', '"8"'],
    ];
    expect(await put(stale)).toMatch(/^HTTP\/1\.1 412 .*"code":"version_mismatch"/s);
  });
});
