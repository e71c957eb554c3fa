import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { temporaryFolder } from '../support/database.ts';
import { linesOf } from '../support/log-lines.ts';
import { dump } from '../support/users.ts';

const query = 'query Users { users { totalCount } }';
const create = 'mutation CreateUser($input: CreateUserInput!) { createUser(input: $input) { email } }';
const signIn = 'mutation SignIn { authenticateWithPassword(email: "a@example.com", password: "x") { accessToken } }';
const long = `${query} #${'x'.repeat(32_768)}`;
const hash = (document: string) => createHash('sha256').update(document).digest('hex');

function writeDocuments(
  documents: unknown = Object.fromEntries([query, create, signIn].map((d) => [hash(d), d])),
): string {
  const path = join(temporaryFolder(), 'persisted-documents.json');
  const isFile = typeof documents === 'string' || Buffer.isBuffer(documents);
  writeFileSync(path, isFile ? documents : JSON.stringify(documents));
  return path;
}

async function start(): Promise<TestApp> {
  const t = await createTestApp({ PERSISTED_DOCUMENTS: writeDocuments() });
  onTestFinished(t.close);
  return t;
}

async function ask(t: TestApp, params: unknown, key: string | null = t.key) {
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  const response = await t.fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(params) });
  // biome-ignore lint/suspicious/noExplicitAny: whatever was asked for
  return { status: response.status, body: (await response.json()) as any };
}

const persistedQuery = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

describe('with PERSISTED_DOCUMENTS', () => {
  test('its documents are answered by their SHA-256, in either spelling, again and again', async () => {
    const t = await start();
    for (const params of [
      { documentId: hash(query) },
      { documentId: `sha256:${hash(query)}` },
      { documentId: hash(query), query: '', operationName: 'Users' },
      persistedQuery(hash(query)),
    ]) {
      expect((await ask(t, params)).body).toEqual({ data: { users: { totalCount: 0 } } });
    }
    for (const email of ['a@example.com', 'b@example.com']) {
      const { body } = await ask(t, { documentId: hash(create), variables: { input: { email } } });
      expect(body).toEqual({ data: { createUser: { email } } });
    }
  });

  test('a byte-order mark before them does not matter', async () => {
    const PERSISTED_DOCUMENTS = writeDocuments(`\ufeff${JSON.stringify({ [hash(query)]: query })}`);
    const t = await createTestApp({ PERSISTED_DOCUMENTS });
    onTestFinished(t.close);
    expect((await ask(t, { documentId: hash(query) })).body).toEqual({ data: { users: { totalCount: 0 } } });
  });

  test('a sign-in needs no key, everything else does', async () => {
    const t = await start();
    const { body } = await ask(t, { documentId: hash(signIn) }, null);
    expect(body.errors[0].extensions.code).toBe('INVALID_CREDENTIALS');
    for (const params of [
      { documentId: hash(query) },
      { documentId: 'unknown' },
      persistedQuery('unknown'),
      { query },
    ]) {
      expect(await ask(t, params, null)).toMatchObject({ status: 401 });
    }
  });

  test('a query may be asked for by GET, and a mutation may not', async () => {
    const t = await start();
    const get = (parameters: Record<string, string>) =>
      t.fetch(`/graphql?${new URLSearchParams(parameters)}`, { headers: { authorization: `Bearer ${t.key}` } });
    for (const parameters of [
      { documentId: hash(query) },
      { extensions: JSON.stringify(persistedQuery(hash(query)).extensions) },
    ]) {
      expect(await (await get(parameters as Record<string, string>)).json()).toEqual({
        data: { users: { totalCount: 0 } },
      });
    }
    expect((await get({ documentId: hash(signIn) })).status).toBe(405);
    expect((await get({ query })).status).toBe(400);
  });

  test.each([
    ['a document in the request', { query: create, variables: { input: { email: 'x@example.com' } } }, 'REQUIRED'],
    ['one of the documents in the request', { query, documentId: hash(query) }, 'REQUIRED'],
    [
      'an unknown document with its hash',
      { query: '{ __typename }', ...persistedQuery(hash('{ __typename }')) },
      'REQUIRED',
    ],
    ['an unknown hash', { documentId: hash('{ __typename }') }, 'NOT_FOUND'],
    ['the name of a part of every object', { documentId: '__proto__' }, 'NOT_FOUND'],
    ['a hash that is no text', { documentId: 1 }, 'REQUIRED'],
    ['nothing', {}, 'REQUIRED'],
  ])('%s is refused, and nothing happens', async (_what, params, code) => {
    const t = await start();
    const before = await dump(t.app);
    const { status, body } = await ask(t, params);
    expect(status).toBe(400);
    expect(body.errors).toEqual([
      { message: expect.stringMatching(/\.$/), extensions: { code: `PERSISTED_DOCUMENT_${code}` } },
    ]);
    expect(await dump(t.app)).toEqual(before);
  });

  test.each([
    ['with a key', true, 400, /^(BAD_REQUEST|INVALID_REQUEST_PARAMETERS)$/], // newer versions of Node write any depth
    ['without', false, 401, /^UNAUTHORIZED$/],
  ])('variables that are nested too deeply are refused, %s', async (_what, withKey, status, code) => {
    const t = await start();
    const deep = `${'['.repeat(8000)}${']'.repeat(8000)}`;
    const headers = { 'content-type': 'application/json', ...(withKey && { authorization: `Bearer ${t.key}` }) };
    const body = `{"documentId": "${hash(create)}", "variables": {"input": ${deep}}}`;
    const response = await t.fetch('/graphql', { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    expect((await response.json()).errors[0].extensions.code).toMatch(code);
    expect(linesOf(t.logged(), 'error')).toEqual([]);
  });

  test('a batch stays refused', async () => {
    const t = await start();
    expect((await ask(t, [{ documentId: hash(query) }])).body.errors[0].message).toBe('Batching is not supported.');
  });
});

describe('does not start with', () => {
  test.each([
    ['no file', null, /cannot be read/],
    ['a file that is no JSON', 'nonsense', /cannot be read/],
    [
      'a file in UTF-16',
      Buffer.from('\ufeff{}', 'utf16le'),
      /^PERSISTED_DOCUMENTS: \S+ is in UTF-16: save it as UTF-8\.$/,
    ],
    ['a list', [query], /must be a JSON object/],
    ['the hash of another document', { [hash(query)]: create }, /is not the SHA-256 of its document/],
    ['a SHA-1', { da39a3ee5e6b4b0d3255bfef95601890afd80709: query }, /hashAlgorithm: 'sha256'/],
    ['a document that is none', { [hash('{')]: '{' }, /cannot be parsed/],
    ['a document that would be refused', { [hash(long)]: long }, /its document is longer than 32768 bytes/],
    ['no text', { [hash(query)]: 1 }, /is no text/],
  ])('%s, and says why', async (_what, documents, message) => {
    const path = documents === null ? join(temporaryFolder(), 'missing.json') : writeDocuments(documents);
    await expect(createTestApp({ PERSISTED_DOCUMENTS: path })).rejects.toThrow(message);
  });
});
