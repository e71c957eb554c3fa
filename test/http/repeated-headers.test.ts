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
  const head = [`${method} ${path} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`)];
  return exchange(victim.server.url, `${head.join('\r\n')}\r\n\r\n${text}`);
}

/** One header on as many lines as there are values. */
const lines = (name: string, ...values: string[]) => values.map((value): [string, string] => [name, value]);

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
    const headers = lines('Idempotency-Key', ...keys);
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
        const headers = lines('Authorization', ...values);
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
      const headers = lines('Content-Type', ...types);
      expect(await put(headers)).toMatch(/^HTTP\/1\.1 415 /);
      expect(await mutate(headers)).toMatch(/^HTTP\/1\.1 415 /);
    }
  });

  test('Origin and Sec-Fetch-Site: one of another site is enough', async () => {
    for (const headers of [
      lines('Origin', 'http://localhost', 'https://elsewhere.example'),
      lines('Sec-Fetch-Site', 'same-origin', 'cross-site'),
      lines('Sec-Fetch-Site', 'cross-site', 'cross-site'),
    ]) {
      expect(await put(headers)).toMatch(/^HTTP\/1\.1 403 /);
      expect(await mutate(headers)).toMatch(/^HTTP\/1\.1 403 /);
    }
  });

  test('X-Request-ID: the request has a new one', async () => {
    const answer = await ask('GET', userPath(), {}, lines('X-Request-ID', 'first', 'second'));
    expect(answer).toMatch(/^HTTP\/1\.1 200 .*\r\nx-request-id: [\w-]{36}\r\n/s);
  });

  test('If-Match is a list, also on two lines', async () => {
    expect(await put(lines('If-Match', '"7"', '"8"'))).toMatch(/^HTTP\/1\.1 412 .*"code":"version_mismatch"/s);
  });
});
