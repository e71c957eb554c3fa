import { Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Answer, jsonHeaders, send } from '../support/server.ts';
import { exchange } from '../support/sockets.ts';
import { useVictim } from '../support/victim.ts';

const victim = useVictim({ MAX_BODY_BYTES: '262144' });
const create = 'mutation { createUser(input: { email: \\"new@example.com\\" }) { id } }';

function postBody(body: BodyInit | null, headers: Record<string, string> = {}): Promise<Answer> {
  const { url, key } = victim.server;
  const init = { method: 'POST', headers: { ...jsonHeaders(key), ...headers }, body, duplex: 'half' };
  return send(`${url}/graphql`, init);
}

function expectRefusal(answer: Answer, status: number, code: string) {
  expect(answer).toMatchObject({ status, errors: [{ message: expect.stringMatching(/\w/), extensions: { code } }] });
  expect(answer.errors).toHaveLength(1);
  expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
}

describe('a body that is no GraphQL request is refused with 400', () => {
  test.each([
    ['malformed JSON', `{"query": "${create}"`],
    ['an empty body', null],
    ['a number', '42'],
    ['null', 'null'],
    ['a string', `"${create}"`],
    ['an array: there is no batching', `[{"query": "${create}"}, {"query": "${create}"}]`],
    ['an empty array', '[]'],
    ['no query', '{}'],
    ['a query that is no string', '{"query": 42}'],
    ['variables that are no object', `{"query": "${create}", "variables": "x"}`],
    ['a key that GraphQL does not know', `{"query": "${create}", "nonsense": 1}`],
    ['a query hidden behind __proto__', `{"__proto__": {"query": "${create}"}}`],
    ['compressed bytes', new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0])],
  ])('%s', async (_what, body) => {
    expectRefusal(await postBody(body), 400, 'BAD_REQUEST');
  });

  test('bytes that are not UTF-8, which decoding would silently change', async () => {
    const [head, tail] = create.split('new@example.com') as [string, string];
    const name = `new@example.com\\", name: \\"`;
    const body = Buffer.concat([
      Buffer.from(`{"query": "${head}${name}`),
      Buffer.from([0xc3, 0x28]),
      Buffer.from(`${tail}"}`),
    ]);
    expectRefusal(await postBody(body), 400, 'BAD_REQUEST');
  });

  test('without repeating any of it', async () => {
    const answer = await postBody('{"query": "purple tractor ankle monsoon');
    expect(answer.text).not.toContain('horse');
  });
});

describe('a body that is too long is refused with 413', () => {
  test('10 MB, and the client that sends all of it hears the answer', async () => {
    expectRefusal(await postBody(`{"query": "${create}"${' '.repeat(10_000_000)}}`), 413, 'PAYLOAD_TOO_LARGE');
  });

  test('10 MB in chunks, without a content-length', async () => {
    const chunks = Array.from({ length: 1000 }, () => Buffer.alloc(10_000, ' '));
    const stream = Readable.toWeb(Readable.from([Buffer.from(`{"query": "${create}"`), ...chunks])) as BodyInit;
    expectRefusal(await postBody(stream), 413, 'PAYLOAD_TOO_LARGE');
  });

  test('by a single byte; one byte less is read', async () => {
    const document = '{"query": "{ __typename }"}';
    const exact = document + ' '.repeat(262_144 - document.length);
    expect(await postBody(exact)).toMatchObject({ status: 200, data: { __typename: 'Query' } });
    expectRefusal(await postBody(`${exact} `), 413, 'PAYLOAD_TOO_LARGE');
  });

  test('a caller without a key is told only that', async () => {
    const answer = await postBody(' '.repeat(1_000_000), { authorization: '' });
    expectRefusal(answer, 401, 'UNAUTHORIZED');
  });

  test('an endless one is cut off', async () => {
    const head = 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n';
    const megabytes = Array.from({ length: 80 }, () => Buffer.alloc(1_000_000));
    expect(await exchange(victim.server.url, head, ...megabytes)).toBe('');
  });
});

describe('another content type is refused with 415', () => {
  test.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x'])('%s', async (type) => {
    expectRefusal(await postBody(`{"query": "${create}"}`, { 'content-type': type }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  });
});

describe('a body with a Content-Encoding is refused with 415, which says that none is taken, and never decoded', () => {
  const document = '{"query": "{ __typename }"}';
  const encodings: [coding: string, body: BodyInit][] = [
    ['gzip', gzipSync(document)],
    ['deflate', deflateSync(document)],
    ['br', brotliCompressSync(document)],
    ['GZIP', document],
    ['nonsense', document],
    ['identity, gzip', gzipSync(document)],
    ['gzip, identity', gzipSync(document)],
  ];

  test.each(encodings)('%s, by GraphQL, whether or not there is a key', async (coding, body) => {
    for (const more of [{}, { authorization: '' }]) {
      const { url, key } = victim.server;
      const headers = new Headers({ ...jsonHeaders(key), ...more, 'content-encoding': coding });
      if (headers.get('authorization') === '') headers.delete('authorization');
      const answer = await send(`${url}/graphql`, { method: 'POST', headers, body });
      expectRefusal(answer, 415, 'UNSUPPORTED_MEDIA_TYPE');
      expect(answer.headers.get('accept-encoding')).toBe('identity');
    }
  });

  test.each(encodings)('%s, by REST', async (coding, body) => {
    const { url, key } = victim.server;
    for (const [method, path] of [
      ['POST', '/user_management/users'],
      ['PUT', `/user_management/users/${victim.userId}`],
      ['POST', '/user_management/authenticate'],
    ]) {
      const headers = { ...jsonHeaders(key), 'content-encoding': coding };
      const answer = await send(`${url}${path}`, { method: method as string, headers, body });
      expect(answer.status).toBe(415);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'unsupported_media_type' });
      expect(answer.headers.get('accept-encoding')).toBe('identity');
    }
  });

  test.each(['identity', 'Identity', 'identity, identity', ''])('"%s" is none', async (coding) => {
    expect(await postBody(document, { 'content-encoding': coding })).toMatchObject({ status: 200 });
  });

  test('another content type says nothing of encodings', async () => {
    expect((await postBody(document, { 'content-type': 'text/plain' })).headers.has('accept-encoding')).toBe(false);
  });
});

describe('an answer in a format that there is not is refused with 406, before anything happens', () => {
  const body = `{"query": "${create}"}`;

  test.each([
    'application/xml',
    'multipart/mixed',
    'multipart/mixed; deferSpec=20220824, text/event-stream',
    'text/*',
    'application/json; charset=latin1',
  ])('%s', async (accept) => {
    const answer = await postBody(body, { accept });
    expectRefusal(answer, 406, 'NOT_ACCEPTABLE');
    expect(answer.headers.has('transfer-encoding')).toBe(false);
  });

  test.each([
    'multipart/mixed, application/json;q=0.1',
    'text/event-stream, */*',
    'Application/GraphQL-Response+JSON; charset=UTF-8',
  ])('%s is answered', async (accept) => {
    expect(await postBody('{"query": "{ __typename }"}', { accept })).toMatchObject({ status: 200 });
  });
});
