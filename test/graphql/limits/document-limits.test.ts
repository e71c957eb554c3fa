import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { dump } from '../../support/users.ts';

let t: TestApp;
let id: string;
let before: unknown;
beforeAll(async () => {
  t = await createTestApp();
  const { data } = await t.graphql('mutation { createUser(input: { email: "ada@example.com" }) { id } }');
  id = (data as { createUser: { id: string } }).createUser.id;
});
afterAll(() => t.close());
beforeEach(async () => {
  before = await dump(t.app);
});

const list = (count: number, one: (n: number) => string) => Array.from({ length: count }, (_, n) => one(n)).join(' ');
const create = (n: number) => `a${n}: createUser(input: { email: "a${n}@example.com" }) { id }`;
const update = (n: number) => `a${n}: updateUser(id: $id, input: { metadata: { k${n}: "" } }) { version }`;
const password = 'walnut trumpet glacier 47';

async function expectRefusal(document: string, message: RegExp, variables = {}, credentials: string | null = t.key) {
  const { data, errors, response } = await t.graphql(document, variables, credentials);
  expect(errors).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(message),
      extensions: { code: 'DOCUMENT_LIMIT_EXCEEDED' },
    }),
  ]);
  expect(data ?? null).toBeNull();
  expect([200, 400]).toContain(response.status);
  expect(await dump(t.app)).toEqual(before);
}

describe('a document that asks for too much is told the limit, and nothing happens', () => {
  test.each([
    ['1,000 aliases of one mutation', `mutation { ${list(1000, create)} }`, /longer than 32768 bytes/],
    ['400 aliases of one mutation', `mutation { ${list(400, create)} }`, /more than 2000 tokens/],
    ['21 aliases of one mutation', `mutation { ${list(21, create)} }`, /more than 20 aliases/],
    [
      'aliases that hide in a fragment',
      `mutation { ...A } fragment A on Mutation { ${list(21, create)} }`,
      /more than 20 aliases/,
    ],
    ['100 levels', `${'{ a '.repeat(100)}${'}'.repeat(100)}`, /more than 12 levels deep/],
    ['21 directives', `{ __typename ${'@include(if: true) '.repeat(21)} }`, /more than 20 directives/],
    [
      'pages whose size is written',
      `{ ${list(20, (n) => `a${n}: users(first: 100) { edges { node { id email name } } }`)} }`,
      /asks for up to \d+ values; 10000 are allowed/,
    ],
    [
      'pages whose size is a variable',
      `query ($n: Int = 1) { ${list(20, (n) => `a${n}: users(first: $n) { edges { node { id email name } } }`)} }`,
      /asks for up to \d+ values/,
    ],
    [
      'pages in fragments that are spread twice',
      `{ ...A ...A } fragment A on Query { ${list(9, (n) => `a${n}: users(last: 100) { ...B ...B }`)} }
       fragment B on UserConnection { edges { node { id email name } } }`,
      /asks for up to \d+ values/,
    ],
  ])('%s', async (_what, document, message) => {
    await expectRefusal(document, message);
  });

  test.each([
    [
      'sessions of one user under aliases',
      `{ viewer { ${list(20, (n) => `a${n}: sessions { id createdAt updatedAt userAgent ipAddress status }`)} } }`,
    ],
    [
      'sessions under aliases of the viewer',
      `{ ${list(20, (n) => `a${n}: viewer { sessions { id createdAt updatedAt userAgent ipAddress status } }`)} }`,
    ],
    [
      'identities of one user under aliases',
      `{ user(id: "x") { ${list(20, (n) => `a${n}: identities { id idpId type provider email createdAt updatedAt __typename x: __typename y: __typename }`)} } }`,
    ],
    ['identities that are repeated', `{ viewer { ${list(49, () => 'identities { id idpId type provider }')} } }`],
    [
      'sessions that hide in fragments',
      `{ viewer { ${list(3, (n) => `...F${n}`)} } } ${list(3, (n) => `fragment F${n} on User { ${list(10, (k) => `a${n}${k}: sessions { id createdAt userAgent }`)} }`)}`,
    ],
    [
      'sessions of a page under aliases',
      '{ users(first: 2) { edges { node { a: sessions { id } b: sessions { id } c: sessions { ...S } } } } } fragment S on Session { id status ipAddress userAgent authMethod createdAt updatedAt expiresAt endedAt a: id b: id c: id d: id e: id f: id g: id h: id i: id j: id k: id l: id m: id n: id o: id p: id q: id r: id s: id t: id }'.replace(
        'first: 2',
        'first: 100',
      ),
    ],
    [
      'sessions of a page under aliases of its nodes',
      '{ users(first: 100) { edges { a: node { sessions { id } } b: node { sessions { id } } } } }',
    ],
  ])('%s, which count in full but for one', async (_what, document) => {
    await expectRefusal(document, /more than 20 aliases|asks for up to \d+ values; 10000 are allowed/);
  });

  test.each([
    ['485 times', `{ viewer { ${list(485, () => 'identities { id }')} } }`, 'identities'],
    ['1,900 times', `{ a1: viewer { ${list(1900, () => 'id')} } }`, 'id'],
    [
      'in a fragment before the operation',
      `fragment F on User { ${list(1900, () => 'id')} } { viewer { ...F } }`,
      'id',
    ],
    [
      'in fragments',
      `{ viewer { ${list(20, (n) => `...F${n}`)} } } ${list(20, (n) => `fragment F${n} on User { ${list(40, () => 'id')} }`)}`,
      'id',
    ],
  ])('one field %s, before it is compared with itself', async (_what, document, name) => {
    const startedAt = process.cpuUsage();
    const most = name === 'id' ? 100 : 50;
    await expectRefusal(document, new RegExp(`^The document selects "${name}" more than ${most} times\\.$`));
    expect(process.cpuUsage(startedAt).user).toBeLessThan(1_000_000);
  });

  test('fragments that spread others 300 times each are judged at once', async () => {
    const fragments = list(3, (n) => `fragment F${n} on Query { ${`...F${n + 1} `.repeat(300)} }`);
    const startedAt = process.cpuUsage();
    await expectRefusal(`{ ...F0 } ${fragments} fragment F3 on Query { __typename }`, /asks for up to 27000000 values/);
    expect(process.cpuUsage(startedAt).user).toBeLessThan(2_000_000);
  });
});

test('of 200 mistakes ten are told, with their lines', async () => {
  const { errors, response } = await t.graphql(`{ users { ${'\n'.repeat(5000)} ${list(200, (n) => `wrong${n}`)} } }`);
  expect(errors).toHaveLength(11);
  expect(errors?.[0]).toMatchObject({ locations: [{ line: 5001, column: 2 }] });
  expect(errors?.[10]?.message).toMatch(/^Too many validation errors/);
  expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
  expect(response.status).toBe(200);
});

test.each(
  ['\n', '\r', '\r\n'].flatMap((line) => [
    [line, 16_000, /more than 10000 lines/] as const,
    [line, 1_000_000, /longer than 32768 bytes/] as const,
  ]),
)('empty lines (%j, %i) are refused at once, also before mistakes in variables', async (line, count, message) => {
  const input = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`wrong${n}`, n]));
  const document = '($i: UpdateUserInput!) { updateUser(id: "x", input: $i) { id } }';
  const startedAt = process.cpuUsage();
  await expectRefusal(`mutation ${line.repeat(count)} ${document}`, message, { i: input });
  expect(process.cpuUsage(startedAt).user).toBeLessThan(2_000_000); // to find the line of each mistake took seconds
});

describe('a document of more than 32 KB is refused before it is parsed', () => {
  const withComment = (rest: string, character: string, bytes: number) => {
    const start = `${rest} #`;
    return start + character.repeat((bytes - start.length) / Buffer.byteLength(character));
  };

  test.each([
    ['with a comment', '{ __typename }', 'x'],
    ['in another alphabet', '{ __typename  }', 'я'],
    ['with a syntax error', '{ __typename ', 'x'],
    ['with an unknown field', '{ nonsense }', 'x'],
  ])('%s', async (_what, rest, character) => {
    await expectRefusal(withComment(rest, character, 32_770), /^The document is longer than 32768 bytes\.$/);
    const { errors } = await t.graphql(withComment(rest, character, 32_768));
    expect(errors?.[0]?.extensions.code).not.toBe('DOCUMENT_LIMIT_EXCEEDED');
  });

  test('also over GET', async () => {
    const url = `/graphql?query=${encodeURIComponent(withComment('{ __typename }', 'x', 32_769))}`;
    const response = await t.fetch(url, { headers: { authorization: `Bearer ${t.key}` } });
    expect((await response.json()).errors[0].extensions.code).toBe('DOCUMENT_LIMIT_EXCEEDED');
  });
});

test.each([
  'application/json',
  'application/graphql-response+json',
  'application/graphql-response+json, application/json',
])('a document that was executed before is answered alike, for Accept: %s', async (accept) => {
  const ask = async (variables: object) => {
    const headers = { authorization: `Bearer ${t.key}`, 'content-type': 'application/json', accept };
    const query = `query Again($id: ID!) { user(id: $id) { id ... @include(if: true) { email } } }`;
    const response = await t.fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    return [response.status, await response.json()];
  };
  const answers = [await ask({ id }), await ask({ id }), await ask({ id })];
  expect(answers).toEqual(Array(3).fill([200, { data: { user: { id, email: 'ada@example.com' } } }]));
  const [, refused] = await ask({});
  expect(refused.errors[0].message).toContain('$id');
});

describe('what is useful stays possible', () => {
  test('ten thousand lines', async () => {
    expect((await t.graphql(`{ __typename ${'\r\n'.repeat(9999)} }`)).errors).toBeUndefined();
  });

  test('twenty updates in one document', async () => {
    const { errors } = await t.graphql(`mutation ($id: ID!) { ${list(20, update)} }`, { id });
    expect(errors).toBeUndefined();
  });

  test('a page of a hundred with all that belongs to it', async () => {
    const node = 'id email metadata version identities { id provider } sessions { id status ipAddress }';
    const { errors } = await t.graphql(`{ users(first: 100) { edges { node { ${node} } } totalCount } }`);
    expect(errors).toBeUndefined();
  });

  test('one list of each kind, whatever the user has of it, and a second one', async () => {
    const [identities, sessions] = ['identities { id provider email }', 'sessions { id createdAt userAgent }'];
    const twenty = list(20, (n) => `a${n}: user(id: "x") { id email ${identities} ${sessions} }`);
    for (const document of [
      `{ ${twenty} }`,
      `{ viewer { ${identities} ${sessions} a: ${identities} b: ${sessions} } }`,
    ]) {
      expect((await t.graphql(document)).errors).toBeUndefined();
    }
  });

  test('a hundred times the same field, as many fragments ask for it', async () => {
    expect((await t.graphql(`{ viewer { ${list(100, () => 'id')} } }`)).errors).toBeUndefined();
  });

  test('one password among other updates', async () => {
    const document = `mutation ($id: ID!, $input: UpdateUserInput!) { ${update(1)} b: updateUser(id: $id, input: $input) { id } }`;
    for (const input of [{ password }, { name: 'Ada' }]) {
      expect((await t.graphql(document, { id, input })).errors).toBeUndefined();
    }
  });
});

describe('two credentials in one request are refused, and none is tried', () => {
  const signIn = (n: number) =>
    `a${n}: authenticateWithPassword(email: "ada@example.com", password: "x") { accessToken }`;
  const refresh = (n: number) => `r${n}: refreshSession(refreshToken: "x") { accessToken }`;
  const setPassword = (n: number) => `p${n}: updateUser(id: "x", input: { password: "${password}" }) { id }`;
  const oneEach = /^One request may hold one password or refresh token/;

  test.each([
    ['two sign-ins', `mutation { ${signIn(1)} ${signIn(2)} }`],
    ['two refreshes', `mutation { ${refresh(1)} ${refresh(2)} }`],
    ['a sign-in and a refresh', `mutation { ${signIn(1)} ${refresh(1)} }`],
  ])('%s, without an API key too', async (_what, document) => {
    await expectRefusal(document, oneEach);
    await expectRefusal(document, oneEach, {}, null);
  });

  test.each([
    ['two new passwords', `mutation { ${setPassword(1)} ${setPassword(2)} }`],
    [
      'a new user with a hash and a sign-in',
      `mutation { createUser(input: { email: "b@example.com", passwordHash: "x" }) { id } ${signIn(1)} }`,
    ],
    [
      'those that hide in a fragment',
      `mutation { ...A ... { ${signIn(1)} } } fragment A on Mutation { ${setPassword(1)} }`,
    ],
    ['one that is skipped', `mutation { ${signIn(1)} ${signIn(2).replace(' {', ' @skip(if: true) {')} }`],
    [
      'those in the defaults of variables',
      `mutation ($p: String = "x", $i: UpdateUserInput! = { password: "x" }) {
        a: updateUser(id: "x", input: { password: $p }) { id } b: updateUser(id: "x", input: $i) { id } }`,
    ],
  ])('%s', async (_what, document) => {
    await expectRefusal(document, oneEach);
  });

  test('those in variables, also of a document that was executed before', async () => {
    const document = `mutation ($id: ID!, $a: UpdateUserInput!, $b: String) {
      a: updateUser(id: $id, input: $a) { id } b: updateUser(id: $id, input: { password: $b, name: "Ada" }) { id } }`;
    expect((await t.graphql(document, { id, a: {} })).errors).toBeUndefined();
    before = await dump(t.app);
    for (const a of [{ password }, { passwordHash: 'x', passwordHashType: 'BCRYPT' }]) {
      await expectRefusal(document, oneEach, { id, a, b: password });
    }
  });
});
