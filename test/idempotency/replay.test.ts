import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { ask, type KeyedCall, operation, rowsOf } from '../support/keyed.ts';
import { makeSignedIn } from '../support/sessions.ts';
import { makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'log' });
});
afterAll(() => t.close());

let counter = 0;
function newKey(): string {
  counter += 1;
  return `key ${counter}`;
}

const rename = (id: string, firstName: string, more: Partial<KeyedCall> = {}): KeyedCall =>
  operation(
    'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { firstName version } }',
    { id, input: { firstName } },
    more,
  );
const create = (email = newAddress(), more: object = {}): KeyedCall => ({
  method: 'POST',
  path: '/user_management/users',
  body: { email, ...more },
});
const codeOf = ({ body }: { body: { code?: string; errors?: { extensions: { code: string } }[] } }) =>
  body.code ?? body.errors?.[0]?.extensions.code;

describe('another request under the same key', () => {
  test('is refused, and does nothing', async () => {
    const { id } = await makeUser(t.app);
    const [key, restKey] = [newKey(), newKey()];
    await ask(t, key, rename(id, 'Ada'));
    await ask(t, restKey, create());
    const before = await rowsOf(t);
    const graphql = await ask(t, key, rename(id, 'Bea'));
    expect([codeOf(graphql), graphql.replayed]).toEqual(['IDEMPOTENCY_KEY_REUSED', false]);
    const rest = await ask(t, restKey, create());
    expect([rest.status, codeOf(rest), rest.replayed]).toEqual([422, 'idempotency_key_reused', false]);
    expect(await rowsOf(t)).toEqual(before);
    expect((await ask(t, key, rename(id, 'Ada'))).replayed).toBe(true);
  });

  test('is one with other fields of the answer, another If-Match, another query', async () => {
    const { id } = await makeUser(t.app);
    const key = newKey();
    const path = `/user_management/users/${id}`;
    const put = (headers = {}) => ask(t, key, { method: 'PUT', path, body: { first_name: 'Ada' }, headers });
    expect((await put({ 'if-match': '"1"' })).status).toBe(200);
    expect((await put({ 'if-match': '"2"' })).status).toBe(422);
    expect((await put()).status).toBe(422);
    expect((await put({ 'if-match': '"1"' })).replayed).toBe(true);
    const deletion = newKey();
    expect((await ask(t, deletion, { method: 'DELETE', path })).status).toBe(204);
    expect((await ask(t, deletion, { method: 'DELETE', path: `${path}?erase=true` })).status).toBe(422);
    expect((await ask(t, deletion, { method: 'DELETE', path })).status).toBe(204);
  });

  test('at another path or by another method it is another key', async () => {
    const [a, b] = [await makeUser(t.app), await makeUser(t.app)];
    const key = newKey();
    const call = (method: string, { id }: { id: string }) => ({ method, path: `/user_management/users/${id}` });
    for (const user of [a, b]) {
      expect((await ask(t, key, { ...call('PUT', user), body: { first_name: 'Ada' } })).body.first_name).toBe('Ada');
    }
    expect((await ask(t, key, call('DELETE', a))).status).toBe(204);
  });
});

describe('whose key it is', () => {
  test('another API key sees nothing of it', async () => {
    const [key, call] = [newKey(), create()];
    const first = await ask(t, key, call);
    const { key: credentials } = await t.app.apiKeys.create('another');
    const other = await ask(t, key, { ...call, credentials });
    expect([codeOf(other), other.replayed]).toEqual(['user_creation_error', false]);
    expect(other.text).not.toContain(first.body.id);
    const own = await ask(t, key, { ...create(), credentials });
    expect([own.status, own.replayed]).toEqual([201, false]);
    expect((await ask(t, key, call)).text).toBe(first.text);
  });

  test('a user sees their own alone, in whichever session', async () => {
    const [alice, bob] = [await makeSignedIn(t), await makeSignedIn(t)];
    const key = newKey();
    const revoke = (by: typeof alice) =>
      operation(
        'mutation ($id: ID!) { revokeSession(id: $id) { id endedAt } }',
        { id: bob.sessionId },
        { credentials: by.accessToken },
      );
    const foreign = await ask(t, key, revoke(alice));
    expect(codeOf(foreign)).toBe('ENTITY_NOT_FOUND');
    const own = await ask(t, key, revoke(bob));
    expect(own.body.data.revokeSession.id).toBe(bob.sessionId);
    expect(codeOf(await ask(t, key, revoke(alice)))).toBe('ENTITY_NOT_FOUND');
    // Their own token is of an ended session: it says who they are no more.
    expect((await ask(t, key, revoke(bob))).status).toBe(401);
  });

  test('a key that was revoked, or lacks the scope, hears that first', async () => {
    const { id, key: credentials } = await t.app.apiKeys.create('gone');
    const [key, call] = [newKey(), { ...create(), credentials }];
    expect((await ask(t, key, call)).status).toBe(201);
    await t.app.apiKeys.revoke(id);
    expect((await ask(t, key, call)).status).toBe(401);
    const { key: reader } = await t.app.apiKeys.create('reader', ['users:read']);
    const refused = await ask(t, '', { ...create(), credentials: reader });
    expect([refused.status, codeOf(refused)]).toEqual([403, 'forbidden']);
  });
});

describe('what is refused is not kept', () => {
  test('the same key may be tried again, and hears what is true then', async () => {
    const [key, email] = [newKey(), newAddress()];
    const { id } = await makeUser(t.app, { email });
    for (let i = 0; i < 2; i += 1) expect(codeOf(await ask(t, key, create(email)))).toBe('user_creation_error');
    expect(await t.app.db.reader.idempotentRequest.count({ where: { userId: id } })).toBe(0);
    await ask(t, null, { method: 'DELETE', path: `/user_management/users/${id}` });
    const made = await ask(t, key, create(email));
    expect([made.status, made.replayed]).toEqual([201, false]);
    expect((await ask(t, key, create(email))).text).toBe(made.text);
  });

  test('of a list nothing is kept where nothing was made, and the whole where something was', async () => {
    const { id, email } = await makeUser(t.app);
    const { id: other } = await makeUser(t.app);
    const list = (updates: object[], onError: string) =>
      operation(
        'mutation ($updates: [UpdateUsersItem!]!, $onError: BulkErrorPolicy!) { updateUsers(updates: $updates, onError: $onError) { updated failed results { user { version } error { code } } } }',
        { updates, onError },
      );
    const items = [
      { id, input: { firstName: 'Ada' } },
      { id: other, input: { email } },
      { id: 'user_x', input: {} },
    ];
    for (const call of [list(items, 'ROLLBACK'), list(items.slice(1), 'CONTINUE')]) {
      const key = newKey();
      for (let i = 0; i < 2; i += 1) {
        const { body, replayed } = await ask(t, key, call);
        expect([body.data.updateUsers.updated, replayed]).toEqual([0, false]);
      }
    }
    const key = newKey();
    const first = await ask(t, key, list(items, 'CONTINUE'));
    expect(first.body.data.updateUsers).toMatchObject({ updated: 1, failed: 2 });
    expect(
      first.body.data.updateUsers.results.map(({ error }: { error: { code: string } | null }) => error?.code),
    ).toEqual([undefined, 'EMAIL_NOT_AVAILABLE', 'ENTITY_NOT_FOUND']);
    const again = await ask(t, key, list(items, 'CONTINUE'));
    expect([again.text, again.replayed]).toEqual([first.text, true]);
    expect((await t.app.db.reader.user.findUniqueOrThrow({ where: { id } })).version).toBe(2);
  });
});

test('an update that changed nothing is kept, and does not undo what came after it', async () => {
  const { id } = await makeUser(t.app, { firstName: 'Ada' });
  const key = newKey();
  const first = await ask(t, key, rename(id, 'Ada'));
  expect(first.body.data.updateUser).toEqual({ firstName: 'Ada', version: 1 });
  await ask(t, null, rename(id, 'Bea'));
  const again = await ask(t, key, rename(id, 'Ada'));
  expect([again.text, again.replayed]).toEqual([first.text, true]);
  expect((await t.app.db.reader.user.findUniqueOrThrow({ where: { id } })).firstName).toBe('Bea');
});

describe('many at once under one key', () => {
  const calls: [what: string, prepare: () => Promise<KeyedCall>, effects: () => Promise<number>][] = [
    ['creations', async () => create(), () => t.app.db.reader.user.count()],
    [
      'updates',
      async () => rename((await makeUser(t.app)).id, 'Ada'),
      async () => (await t.app.db.reader.user.aggregate({ _sum: { version: true } }))._sum.version ?? 0,
    ],
    [
      'deletions',
      async () => ({ method: 'DELETE', path: `/user_management/users/${(await makeUser(t.app)).id}` }),
      async () => -(await t.app.db.reader.user.count()),
    ],
  ];
  test.each(calls)('%s: one effect, and one answer for all', async (_what, prepare, effects) => {
    const [key, call] = [newKey(), await prepare()];
    const before = await effects();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(t, key, call)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await effects()).toBe(before + 1);
  });

  test('different requests of one key: one is carried out, the others are refused', async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(t, key, create())));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 422)]);
  });
});

describe('a document with a key', () => {
  test('has one mutation field', async () => {
    const { id } = await makeUser(t.app);
    const one = (alias: string, name: string) =>
      `${alias}: updateUser(id: "${id}", input: { firstName: "${name}" }) { version }`;
    const two = operation(`mutation { ${one('a', 'A')} ${one('b', 'B')} }`);
    for (let i = 0; i < 2; i += 1) {
      const refused = await ask(t, newKey(), two);
      expect([refused.status, codeOf(refused)]).toEqual([400, 'BAD_REQUEST']);
    }
    const inFragment = operation(`mutation { ...F } fragment F on Mutation { ${one('a', 'A')} ${one('b', 'B')} }`);
    expect((await ask(t, newKey(), inFragment)).status).toBe(400);
    expect((await t.app.db.reader.user.findUniqueOrThrow({ where: { id } })).version).toBe(1);
    expect((await ask(t, null, two)).status).toBe(200);
    const named = operation(`mutation { __typename ${one('a', 'C')} }`);
    expect((await ask(t, newKey(), named)).status).toBe(200);
  });

  test('and a query counts for nothing', async () => {
    const key = newKey();
    for (const query of ['{ users { totalCount } }', '{ a: viewer { id } b: viewer { id } }']) {
      const { status, replayed } = await ask(t, key, operation(query));
      expect([status, replayed]).toEqual([200, false]);
    }
  });
});

test('a dry run takes nothing of a key: what it is to be used for is carried out', async () => {
  const { id } = await makeUser(t.app);
  const [key, path, body] = [newKey(), `/user_management/users/${id}`, { first_name: 'Ada' }];
  for (let i = 0; i < 2; i += 1) {
    const preview = await ask(t, key, { method: 'PUT', path: `${path}?dry_run=true`, body });
    expect([preview.body.object, preview.replayed]).toEqual(['user_update_preview', false]);
  }
  const made = await ask(t, key, { method: 'PUT', path, body });
  expect([made.body.first_name, made.replayed]).toEqual(['Ada', false]);
  expect((await ask(t, key, { method: 'PUT', path, body })).replayed).toBe(true);
});

describe('what signs in or sends a mail ignores it', () => {
  test('two sign-ins are two sessions, and a second send within 30 seconds is refused as such', async () => {
    const { email, userId } = await makeSignedIn(t);
    const key = newKey();
    const signIn = operation(
      'mutation ($email: EmailAddress!) { authenticateWithPassword(email: $email, password: "wkqzvxmrhtbj") { refreshToken } }',
      { email },
      { credentials: null },
    );
    const [a, b] = [await ask(t, key, signIn), await ask(t, '', signIn)];
    expect([a.replayed, b.replayed]).toEqual([false, false]);
    expect(a.body.data.authenticateWithPassword.refreshToken).not.toBe(
      b.body.data.authenticateWithPassword.refreshToken,
    );
    const magic = { method: 'POST', path: '/user_management/magic_auth', body: { email } };
    const [c, d] = [await ask(t, key, magic), await ask(t, key, magic)];
    expect([c.status, d.status, codeOf(d), d.replayed]).toEqual([201, 429, 'daily_quota_exceeded', false]);
    expect(await t.app.db.reader.idempotentRequest.count({ where: { userId } })).toBe(0);
  });
});

/** Metadata as long as can be, that does not become shorter by being compressed. */
const noise = () =>
  Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, randomBytes(442).toString('base64')]));

test('a list of as many as can be, with metadata, is kept: of each user most is the same', async () => {
  const users = [];
  for (let block = 0; block < 5; block += 1)
    users.push(...(await Promise.all(Array.from({ length: 100 }, () => makeUser(t.app)))));
  const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key${i}`, `the value of ${i}`]));
  const call = operation(
    'mutation ($updates: [UpdateUsersItem!]!) { updateUsers(updates: $updates) { updated results { user { id version } } } }',
    {
      updates: users.map(({ id }, i) => ({
        id,
        input: { metadata: { ...metadata, seat: `${i}` }, firstName: `Ada ${i}` },
      })),
    },
  );
  const key = newKey();
  const first = await ask(t, key, call);
  expect(first.body.data.updateUsers.updated).toBe(500);
  const again = await ask(t, key, call);
  expect(again.replayed).toBe(true);
  expect(again.body).toEqual(first.body);
  const [row] = await t.app.db.reader.idempotentRequest.findMany({ where: { userId: 'many' } });
  expect(row?.sealedAnswer?.length).toBeLessThan(150_000);
});

test('a long answer is not kept, only that there was one', async () => {
  const users = await Promise.all(Array.from({ length: 20 }, () => makeUser(t.app)));
  const updates = users.map(({ id }) => ({ id, input: { metadata: noise() } }));
  const call = operation(
    'mutation ($updates: [UpdateUsersItem!]!) { updateUsers(updates: $updates) { updated results { user { metadata } } } }',
    { updates },
  );
  const key = newKey();
  const first = await ask(t, key, call);
  expect(first.body.data.updateUsers.updated).toBe(20);
  expect(first.text.length).toBeGreaterThan(262_144);
  const before = await rowsOf(t);
  const again = await ask(t, key, call);
  expect([codeOf(again), again.replayed]).toEqual(['IDEMPOTENCY_ANSWER_NOT_KEPT', false]);
  expect(again.body.errors[0].message).toMatch(/carried out before.*Read/);
  const other = await ask(t, key, operation('mutation { updateUsers(updates: []) { updated } }'));
  expect(codeOf(other)).toBe('IDEMPOTENCY_KEY_REUSED');
  expect(await rowsOf(t)).toEqual(before);
  const [row] = await t.app.db.reader.idempotentRequest.findMany({
    where: { userId: 'many' },
    orderBy: { createdAt: 'desc' },
  });
  expect(row?.sealedAnswer?.length).toBeLessThan(400);
});
