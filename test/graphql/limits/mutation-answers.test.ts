import { getOperationAST, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLargestAnswer } from '../../../src/graphql/limits/largest-answer.ts';
import { updateUser } from '../../../src/users/update.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { storeSessions } from '../../support/stored-sessions.ts';
import { dump, makeUser, newAddress } from '../../support/users.ts';

let t: TestApp;
let id: string;
beforeAll(async () => {
  t = await createTestApp();
  id = (await makeUser(t.app)).id;
});
afterAll(() => t.close());

const list = (count: number, one: (n: number) => string) => Array.from({ length: count }, (_, n) => one(n)).join(' ');
const bulk = (fields: string) =>
  `mutation ($updates: [UpdateUsersItem!]!) { updateUsers(updates: $updates) { updated failed results { ${fields} } } }`;
const updates = (count: number) => [
  { id, input: { firstName: `${Math.random()}` } },
  ...Array.from({ length: count - 1 }, (_, n) => ({ id: `user_${n}`, input: {} })),
];
const plain =
  'id email emailVerified firstName lastName name externalId locale profilePictureUrl managed lastSignInAt createdAt updatedAt version';

async function expectRefusal(document: string, variables: object) {
  const before = await dump(t.app);
  const { data, errors } = await t.graphql(document, variables);
  expect(errors).toEqual([
    {
      message: expect.stringMatching(
        /^The answer could be \d+ MB long; 24 MB are allowed for a mutation\. Nothing was done\./,
      ),
      extensions: { code: 'DOCUMENT_LIMIT_EXCEEDED' },
    },
  ]);
  expect(data ?? null).toBeNull();
  expect(await dump(t.app)).toEqual(before);
}

describe('updates whose answer could be too long are refused before any is made', () => {
  test.each([
    ['metadata of 70 users, 19 times each', 70, `user { id metadata ${list(18, (n) => `a${n}: metadata`)} }`],
    ['metadata of 500 users', 500, 'user { metadata }'],
    ['metadata in a fragment', 500, '... on UpdateUsersResult { user { ... on User { metadata } } }'],
    ['sessions of 500 users', 500, 'user { sessions { userAgent } }'],
    ['identities of 500 users', 500, 'user { identities { idpId email } }'],
    ['pictures of 500 users, many times each', 500, `user { ${list(19, (n) => `a${n}: profilePictureUrl`)} }`],
    [
      'a name in the answer of 30,000 characters',
      500,
      `${'a'.repeat(30_000)}: index user { ${plain} } error { issues message }`,
    ],
  ])('%s', async (_what, count, fields) => {
    await expectRefusal(bulk(fields), { updates: updates(count) });
  });

  test('lists in several fields count together, and each by its own length', async () => {
    const two = `mutation ($a: [UpdateUsersItem!]!, $b: [UpdateUsersItem!]!) {
      a: updateUsers(updates: $a) { results { user { metadata } } } b: updateUsers(updates: $b) { results { user { metadata } } }
    }`;
    await expectRefusal(two, { a: updates(70), b: updates(70) });
    expect((await t.graphql(two, { a: updates(100), b: updates(10) })).errors).toBeUndefined();
  });

  test('a list that is the default of a variable counts as the longest', async () => {
    const document = bulk('user { metadata }').replace('[UpdateUsersItem!]!', '[UpdateUsersItem!]! = []');
    await expectRefusal(document, {});
  });

  test('also of a document that was answered before, with a shorter list', async () => {
    const document = bulk('index user { metadata }');
    for (let i = 0; i < 3; i += 1) expect((await t.graphql(document, { updates: updates(2) })).errors).toBeUndefined();
    for (let i = 0; i < 3; i += 1) await expectRefusal(document, { updates: updates(500) });
    expect((await t.graphql(document, { updates: updates(100) })).errors).toBeUndefined();
  });
});

describe('so are other mutations', () => {
  const history = 'history(first: 100) { edges { node { data previousAttributes } } }';
  const update = (fields: string) => `updateUser(id: $id, input: { firstName: "x" }) { ${fields} }`;
  test.each([
    [
      '20 updates that repeat metadata',
      list(19, (n) => `a${n}: ${update('...M')}`),
      `fragment M on User { ${list(99, () => 'metadata')} }`,
    ],
    ['a history of 100 events', update(history), ''],
    ['histories under aliases', list(9, (n) => `a${n}: ${update(history.replace('100', '10'))}`), ''],
    [
      'histories of users',
      `updateUsers(updates: [{ id: $id, input: { firstName: "x" } }]) { results { user { ${history.replace('100', '45')} } } }`,
      '',
    ],
    [
      'deliveries with their events',
      'setUserManaged(id: $id, managed: true) { id } updateWebhookEndpoint(id: "x", input: {}) { deliveries(first: 100) { edges { node { event { data previousAttributes } } } } }',
      '',
    ],
  ])('%s', async (_what, fields, fragment) => {
    await expectRefusal(`mutation ($id: ID!) { ${fields} } ${fragment}`, { id });
  });

  test('the ends of a thousand sessions each, where a user may have so many', async () => {
    const app = await createTestApp({ MAX_SESSIONS_PER_USER: '1000' });
    const document = `mutation ($id: ID!) { ${list(9, (n) => `a${n}: revokeAllSessions(userId: $id) { id userAgent }`)} }`;
    const { errors } = await app.graphql(document, { id: 'user_1' });
    await app.close();
    expect(errors?.[0]?.extensions).toEqual({ code: 'DOCUMENT_LIMIT_EXCEEDED' });
  });
});

describe('what is useful stays possible', () => {
  const withError = (fields: string) => bulk(`index user { ${fields} } error { code field message issues }`);
  test.each([
    ['500 updates with all but metadata and lists', 500, withError(plain)],
    ['100 updates with all but lists', 100, withError(`${plain} metadata`)],
    [
      '10 updates with everything',
      10,
      withError(`${plain} metadata identities { id idpId email } sessions { id userAgent }`),
    ],
  ])('%s', async (_what, count, document) => {
    const { data, errors } = await t.graphql<{ updateUsers: object }, object>(document, { updates: updates(count) });
    expect(errors).toBeUndefined();
    expect(data?.updateUsers).toMatchObject({ updated: 1, failed: count - 1 });
  });

  test('twenty updates in one document, with all fields of their users', async () => {
    const all = `${plain} metadata identities { id idpId email } sessions { id userAgent ipAddress status }`;
    const fields = list(20, (n) => `a${n}: updateUser(id: $id, input: { firstName: "${n}" }) { ...U }`);
    const { errors } = await t.graphql(`mutation ($id: ID!) { ${fields} } fragment U on User { ${all} }`, { id });
    expect(errors).toBeUndefined();
  });
});

/** Every field as long as it can be: of characters that JSON writes as six bytes. */
test('no field of a user is longer than it counts', async () => {
  const long = (length: number) => '\u0001'.repeat(length);
  const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${long(38)}${i + 10}`, long(600)]));
  const names = { firstName: long(255), lastName: long(255), name: long(255), externalId: long(128) };
  const email = `${'a'.repeat(64)}@${`${'b'.repeat(60)}.`.repeat(3)}com`;
  const user = await makeUser(t.app, { email, metadata, ...names, locale: `en-x${'-abcdefgh'.repeat(27)}` });
  await t.app.db.transaction(({ prisma }) =>
    prisma.user.update({
      where: { id: user.id },
      data: { profilePictureUrl: `https://a.example/${'語'.repeat(2030)}` },
    }),
  );
  const others = Object.fromEntries(Object.keys(metadata).map((key) => [key, '\u0002'.repeat(600)]));
  await updateUser(t.app, 'roster', user.id, { metadata: others, firstName: '\u0002'.repeat(255) });
  await storeSessions(t.app, user.id, { count: 100, userAgent: long(512) });
  for (let n = 10; n < 60; n += 1) {
    const identity = { provider: 'GoogleOAuth', idpId: `${long(253)}${n}`, email: newAddress() };
    await t.graphql(
      'mutation ($id: ID!, $input: LinkIdentityInput!) { linkIdentity(userId: $id, input: $input) { id } }',
      {
        id: user.id,
        input: identity,
      },
    );
  }
  const largestAnswer = createLargestAnswer(t.app.config);
  const fields = [
    ...plain.split(' '),
    'metadata',
    'identities { id idpId email provider }',
    'sessions { id userAgent status ipAddress }',
  ];
  for (const field of [...fields, 'history(first: 2) { edges { node { id data previousAttributes } } }']) {
    const query = `mutation ($id: ID!) { updateUser(id: $id, input: {}) { ${field} } }`;
    const { data } = await t.graphql(query, { id: user.id });
    const document = parse(query);
    const bytes = Buffer.byteLength(JSON.stringify({ data }));
    const most = largestAnswer(document, getOperationAST(document) ?? expect.fail(), {});
    expect(bytes, field).toBeLessThanOrEqual(most);
    if (field === 'metadata') expect(most - bytes).toBeLessThan(1000);
  }
});
