import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLInputObjectType, type GraphQLObjectType, getNamedType, isLeafType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allScopes, type Scope } from '../../src/principal/scopes.ts';
import { userAccess } from '../../src/users/access.ts';
import { deleteUser } from '../../src/users/delete.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { forEachOwn, sampleOf } from '../support/own-fields.ts';
import { makeSignedIn, password, type SignedIn } from '../support/sessions.ts';
import { dump, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
let own: SignedIn;
let other: SignedIn;
const keys = new Map<string, string>();
beforeAll(async () => {
  t = await createTestApp();
  own = await makeSignedIn(t);
  other = await makeSignedIn(t);
  keys.set('a key with every scope', t.key);
  for (const scope of allScopes) keys.set(scope, (await t.app.apiKeys.create(scope, [scope])).key);
  keys.set(
    'users:write and users:credentials',
    (await t.app.apiKeys.create('wc', ['users:write', 'users:credentials'])).key,
  );
});
afterAll(() => t.close());

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
const User = schema.getType('User') as GraphQLObjectType;
const UpdateUserInput = schema.getType('UpdateUserInput') as GraphQLInputObjectType;

/**
 * What the product promises, written by hand: field → who may. `self` is a signed-in user and their own user. A plain field
 * that is not WorkOS's is for backends, unless the table of access gives it to its user.
 */
const mayBeRead: Record<string, (Scope | 'self')[]> = Object.fromEntries(
  Object.keys(User.getFields()).map((name) => [name, ['users:read', 'self']]),
);
mayBeRead.sessions = ['sessions:read', 'self'];
mayBeRead.history = ['events:read', 'self'];
const mayBeSet: Record<string, (Scope | 'self')[]> = {
  email: ['users:write'],
  emailVerified: ['users:write'],
  firstName: ['users:write', 'self'],
  lastName: ['users:write', 'self'],
  name: ['users:write', 'self'],
  locale: ['users:write', 'self'],
  externalId: ['users:write'],
  metadata: ['users:write'],
  password: ['users:credentials', 'self'],
  currentPassword: ['users:credentials', 'self'],
  passwordHash: ['users:credentials'],
  passwordHashType: ['users:credentials'],
  passwordSaltPosition: ['users:credentials'],
  ...forEachOwn((field): (Scope | 'self')[] =>
    userAccess[field]?.own.set ? ['users:write', 'self'] : ['users:write'],
  ),
};
const values: Record<string, unknown> = {
  email: 'access@example.com',
  emailVerified: true,
  firstName: 'Ada',
  lastName: 'Lovelace',
  name: 'Ada Lovelace',
  locale: 'en-GB',
  externalId: 'access',
  metadata: { a: '1' },
  password: 'another battery, another staple',
  currentPassword: 'a guess',
  passwordHash: 'x',
  passwordHashType: 'BCRYPT',
  passwordSaltPosition: 'PREFIX',
  ...forEachOwn(sampleOf),
};

test('the tables above know every field', () => {
  expect(Object.keys(mayBeSet).sort()).toEqual(Object.keys(UpdateUserInput.getFields()).sort());
});

const refusalOf = async (document: string, variables: object, credentials: string | null) => {
  const { errors } = await t.graphql(document, variables, credentials);
  return errors?.[0]?.extensions;
};
const codeOf = async (...args: Parameters<typeof refusalOf>) => (await refusalOf(...args))?.code;

function selectionOf(field: string): string {
  const type = getNamedType(User.getFields()[field]?.type);
  if (isLeafType(type)) return field;
  return type?.name.endsWith('Connection') ? `${field} { pageInfo { endCursor } }` : `${field} { id }`;
}

describe.each(Object.keys(mayBeRead))('reading %s', (field) => {
  test.each(['a key with every scope', ...allScopes])('with %s', async (name) => {
    const document = `query ($id: ID!) { user(id: $id) { ${selectionOf(field)} } }`;
    const refusal = await refusalOf(document, { id: own.userId }, keys.get(name) as string);
    const readsUsers = name === 'users:read' || name === 'a key with every scope';
    const allowed = readsUsers && (name !== 'users:read' || mayBeRead[field]?.includes('users:read'));
    expect(refusal?.code).toBe(allowed ? undefined : 'FORBIDDEN');
    if (readsUsers && !allowed) expect(refusal?.field).toBe(field);
  });

  test('of oneself, of another user, without credentials', async () => {
    const selection = selectionOf(field);
    expect(await codeOf(`{ viewer { ${selection} } }`, {}, own.accessToken)).toBeUndefined();
    expect(await codeOf(`{ user(id: "${other.userId}") { ${selection} } }`, {}, own.accessToken)).toBe('FORBIDDEN');
    expect(await codeOf(`{ user(id: "${own.userId}") { ${selection} } }`, {}, null)).toBe('UNAUTHORIZED');
    expect(await codeOf(`{ viewer { ${selection} } }`, {}, null)).toBe('UNAUTHORIZED');
  });
});

const update = 'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { __typename } }';
type Refusal = { code: string; field?: string | null } | undefined;

/** The ways in which a field is set, or asked about: the refusal of each. */
const ways: Record<string, (id: string, input: object, credentials: string | null) => Promise<Refusal>> = {
  updateUser: (id, input, credentials) => refusalOf(update, { id, input }, credentials),
  async updateUsers(id, input, credentials) {
    const document = `mutation ($id: ID!, $input: UpdateUserInput!) {
      updateUsers(updates: [{ id: $id, input: $input }]) { results { error { code field } } }
    }`;
    interface Answer {
      updateUsers: { results: { error: Refusal | null }[] };
    }
    const { data, errors } = await t.graphql<Answer, object>(document, { id, input }, credentials);
    return errors?.[0]?.extensions ?? data?.updateUsers.results[0]?.error ?? undefined;
  },
  previewUpdateUser: (id, input, credentials) =>
    refusalOf(
      'query ($id: ID!, $input: UpdateUserInput!) { previewUpdateUser(id: $id, input: $input) { version } }',
      { id, input },
      credentials,
    ),
};
/** What an API key needs besides the right to set the field. */
const alsoReads = new Set(['previewUpdateUser']);

describe.each(Object.entries(ways))('by %s', (way, refusalBy) => {
  describe.each(Object.keys(mayBeSet))('setting %s', (field) => {
    const input = { [field]: values[field] };
    const isCredential = mayBeSet[field]?.includes('users:credentials');

    test.each(['a key with every scope', 'users:write and users:credentials', ...allScopes])(
      'with %s',
      async (name) => {
        const { id } = await makeUser(t.app);
        const before = await dump(t.app);
        const refusal = await refusalBy(id, input, keys.get(name) as string);
        const hasAll = name === 'a key with every scope';
        const writes = name.includes('users:write') || hasAll;
        const allowed = writes && (!isCredential || name !== 'users:write') && (hasAll || !alsoReads.has(way));
        expect(refusal?.code === 'FORBIDDEN').toBe(!allowed);
        if (allowed) return;
        expect(await dump(t.app)).toEqual(before);
        if (writes && !alsoReads.has(way)) expect(refusal?.field).toBe(field);
      },
    );

    test('of oneself: the field is named, and nothing is applied, not even what would be allowed', async () => {
      const before = await dump(t.app);
      const refusal = await refusalBy(own.userId, { locale: 'fr', ...input }, own.accessToken);
      if (way === 'updateUsers') {
        expect(refusal?.code).toBe('FORBIDDEN'); // for backends alone
        expect(await dump(t.app)).toEqual(before);
      } else if (mayBeSet[field]?.includes('self')) {
        expect(refusal?.code).not.toBe('FORBIDDEN');
      } else {
        expect(refusal).toMatchObject({ code: 'FORBIDDEN', field });
        expect(await dump(t.app)).toEqual(before);
      }
    });

    test('without credentials', async () => {
      expect((await refusalBy(own.userId, input, null))?.code).toBe('UNAUTHORIZED');
    });
  });
});

test('several forbidden fields are all named', async () => {
  const input = { email: newAddress(), metadata: {}, firstName: 'X' };
  expect(await refusalOf(update, { id: own.userId, input }, own.accessToken)).toMatchObject({
    code: 'FORBIDDEN',
    issues: [{ field: 'email' }, { field: 'metadata' }],
  });
});

test("another user's, an unknown and a deleted id are indistinguishable, whatever is set", async () => {
  const { id: deleted } = await makeUser(t.app);
  await deleteUser(t.app, 'roster', deleted);
  const before = await dump(t.app);
  for (const input of [
    {},
    { firstName: 'X' },
    { email: newAddress() },
    { password: 'x' },
    { locale: 'not a locale' },
  ]) {
    const answers = await Promise.all(
      [other.userId, 'user_00000000000000000000000000', deleted].map(async (id) => {
        const { data, errors, response } = await t.graphql(update, { id, input }, own.accessToken);
        return JSON.stringify([response.status, data, errors])
          .replaceAll(id, 'ID')
          .replace(/"requestId":"[^"]+"/, '');
      }),
    );
    expect(answers[0]).toContain('ENTITY_NOT_FOUND');
    expect(new Set(answers).size).toBe(1);
  }
  expect(await dump(t.app)).toEqual(before);
});

test('a mutation whose answer may not be read is refused before it does anything', async () => {
  const { id } = await makeUser(t.app);
  const before = await dump(t.app);
  for (const selection of ['id', '... on User { email }', '...F']) {
    const document = `mutation { updateUser(id: "${id}", input: { name: "X" }) { ${selection} } } fragment F on User { version }`;
    const used = selection === '...F' ? document : (document.split(' fragment')[0] as string);
    expect(await codeOf(used, {}, keys.get('users:write') as string)).toBe('FORBIDDEN');
  }
  expect(await dump(t.app)).toEqual(before);
});

test('what is shown of an identity, or of a session, is read wherever it stands', async () => {
  const link = `mutation { linkIdentity(userId: "${other.userId}", input: { provider: X_OAUTH, idpId: "shown" }) { email } }`;
  const end = `mutation { revokeAllSessions(userId: "${other.userId}") { ipAddress } }`;
  const before = await dump(t.app);
  expect(await refusalOf(link, {}, keys.get('users:write') as string)).toEqual({
    code: 'FORBIDDEN',
    field: 'identities',
  });
  expect(await refusalOf(end, {}, keys.get('sessions:write') as string)).toEqual({
    code: 'FORBIDDEN',
    field: 'sessions',
  });
  expect(await dump(t.app)).toEqual(before);
  expect(
    await codeOf(link.replace('{ email }', '{ __typename }'), {}, keys.get('users:write') as string),
  ).toBeUndefined();
});

test('REST asks for the same scopes', async () => {
  const { id } = await makeUser(t.app);
  const status = async (name: string, method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${keys.get(name)}`, 'content-type': 'application/json' };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    return (await t.fetch(`/user_management/${path}`, init)).status;
  };
  expect(await status('users:read', 'GET', `users/${id}`)).toBe(200);
  expect(await status('users:read', 'PUT', `users/${id}`, { name: 'X' })).toBe(403);
  expect(await status('users:write', 'PUT', `users/${id}`, { name: 'X' })).toBe(403); // the answer is the user
  expect(await status('users:write', 'DELETE', `users/${id}`)).toBe(204);
  expect(await status('users:read', 'GET', `users/${own.userId}/sessions`)).toBe(403);
  expect(await status('sessions:read', 'GET', `users/${own.userId}/sessions`)).toBe(200);
  expect(await status('sessions:read', 'POST', 'sessions/revoke', { session_id: 'x' })).toBe(403);
  const readWrite = (await t.app.apiKeys.create('rw', ['users:read', 'users:write'])).key;
  keys.set('rw', readWrite);
  expect(await status('rw', 'PUT', `users/${own.userId}`, { password })).toBe(403);
  expect(await status('rw', 'POST', 'users', { email: newAddress(), password })).toBe(403);
  expect(await status('rw', 'PUT', `users/${own.userId}`, { name: 'X' })).toBe(200);
});
