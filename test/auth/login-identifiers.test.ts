import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Scope } from '../../src/principal/scopes.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { type ExternalIssuer, startExternalIssuer } from '../support/external-issuer.ts';
import { password, type SignedIn, signIn } from '../support/sessions.ts';
import { dump, makeUser, newAddress } from '../support/users.ts';

/** With another issuer, `externalId` is what a user signs in by: whoever may only write users must not move it. */
let issuer: ExternalIssuer;
let t: TestApp;
let key: (name: string) => string;

async function makeKeys({ app }: TestApp): Promise<typeof key> {
  const given: Scope[][] = [['users:write'], ['users:credentials'], ['users:write', 'users:credentials']];
  const keys = new Map<string, string>();
  for (const scopes of given) {
    const name = scopes.join(' and ');
    keys.set(name, (await app.apiKeys.create(name, ['users:read', ...scopes])).key);
  }
  return (name) => keys.get(name) as string;
}

beforeEach(async () => {
  issuer = await startExternalIssuer();
  t = await createTestApp(issuer.settings);
  key = await makeKeys(t);
  return () => t.close();
});

/** The same without another issuer. */
async function withoutIssuer(): Promise<void> {
  const { close } = t;
  t = await createTestApp();
  key = await makeKeys(t);
  onTestFinished(close);
}

const update = 'mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { externalId } }';
const create = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { id externalId } }';
const link =
  'mutation ($id: ID!, $idpId: String!) { linkIdentity(userId: $id, input: { provider: X_OAUTH, idpId: $idpId }) { __typename } }';
const codeOf = async (document: string, variables: object, credentials: string) =>
  (await t.graphql(document, variables, credentials)).errors?.[0]?.extensions.code;

async function rest(name: string, method: string, path: string, body: object) {
  const headers = { authorization: `Bearer ${key(name)}`, 'content-type': 'application/json' };
  const init = { method, headers, body: JSON.stringify(body) };
  return (await t.fetch(`/user_management/users${path}`, init)).status;
}

let counter = 0;
const newSubject = () => {
  counter += 1;
  return `subject-${counter}`;
};

describe('with another issuer, a key that may write users and set no credentials', () => {
  const write = 'users:write';

  test('neither moves, nor takes away, nor repeats an external id', async () => {
    const subject = newSubject();
    const victim = await makeUser(t.app, { externalId: subject });
    const other = await makeUser(t.app);
    const before = await dump(t.app);
    for (const [id, externalId] of [
      [other.id, newSubject()],
      [victim.id, null],
      [victim.id, newSubject()],
      [victim.id, subject],
    ] as const) {
      const { errors } = await t.graphql(update, { id, input: { externalId } }, key(write));
      expect(errors?.[0]).toMatchObject({
        message: 'This API key lacks the scope users:credentials, so it cannot set externalId.',
        extensions: { code: 'FORBIDDEN', field: 'externalId' },
      });
      expect(await rest(write, 'PUT', `/${id}`, { external_id: externalId })).toBe(403);
    }
    expect(await dump(t.app)).toEqual(before);
  });

  test('makes no user with an external id, neither of one deleted before nor of one to come', async () => {
    const subject = newSubject();
    const { id } = await makeUser(t.app, { externalId: subject });
    const remove = `mutation { deleteUser(id: "${id}") { id } }`;
    expect(await codeOf(remove, {}, key(write))).toBeUndefined();
    const before = await dump(t.app);
    for (const externalId of [subject, newSubject()]) {
      const input = { email: newAddress(), externalId };
      expect(await codeOf(create, { input }, key(write))).toBe('FORBIDDEN');
      expect(await rest(write, 'POST', '', { email: input.email, external_id: externalId })).toBe(403);
    }
    expect(await dump(t.app)).toEqual(before);
    const { errors } = await t.graphql('{ viewer { id } }', {}, await issuer.sign(subject));
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHORIZED');
  });

  test('links no identity', async () => {
    const { id } = await makeUser(t.app);
    const before = await dump(t.app);
    expect(await codeOf(link, { id, idpId: newSubject() }, key(write))).toBe('FORBIDDEN');
    expect(await dump(t.app)).toEqual(before);
  });

  test('does everything else with users as before', async () => {
    const input = { email: newAddress(), firstName: 'Ada' };
    const { data } = await t.graphql<{ createUser: { id: string } }, object>(create, { input }, key(write));
    const id = data?.createUser.id as string;
    expect(await codeOf(update, { id, input: { email: newAddress(), name: 'X' } }, key(write))).toBeUndefined();
    expect(await rest(write, 'PUT', `/${id}`, { first_name: 'Y' })).toBe(200);
    expect(await rest(write, 'POST', '', { email: newAddress() })).toBe(201);
  });
});

test('with another issuer, users:credentials goes with users:write', async () => {
  const { id } = await makeUser(t.app);
  for (const [name, code] of [
    ['users:credentials', 'FORBIDDEN'],
    ['users:write and users:credentials', undefined],
  ] as const) {
    const externalId = newSubject();
    expect(await codeOf(update, { id, input: { externalId } }, key(name))).toBe(code);
    const input = { email: newAddress(), externalId: newSubject() };
    expect(await codeOf(create, { input }, key(name))).toBe(code);
    expect(await codeOf(link, { id, idpId: newSubject() }, key(name))).toBe(code);
    const status = await rest(name, 'PUT', `/${id}`, { external_id: newSubject() });
    expect(status).toBe(code ? 403 : 200);
  }
});

test('without another issuer, users:write sets external ids and links identities', async () => {
  await withoutIssuer();
  const name = 'users:write';
  const { id } = await makeUser(t.app);
  expect(await codeOf(update, { id, input: { externalId: newSubject() } }, key(name))).toBeUndefined();
  expect(await codeOf(link, { id, idpId: newSubject() }, key(name))).toBeUndefined();
  const input = { email: newAddress(), externalId: newSubject() };
  expect(await codeOf(create, { input }, key(name))).toBeUndefined();
  expect(await rest(name, 'PUT', `/${id}`, { external_id: newSubject() })).toBe(200);
});

const isIn = async (token: string) => (await t.graphql('{ viewer { id } }', {}, token)).errors === undefined;

async function signInWith(externalId: string): Promise<SignedIn> {
  const { email } = await makeUser(t.app, { emailVerified: true, password, externalId });
  return signIn(t, email);
}

test.each([['taken away'], ['moved']])(
  'with another issuer, an external id that is %s ends the sessions, and the tokens of the old one',
  async (what) => {
    const subject = newSubject();
    const { userId: id, accessToken } = await signInWith(subject);
    const token = await issuer.sign(subject);
    const set = (externalId: string | null) => codeOf(update, { id, input: { externalId } }, t.key);
    expect(await set(subject)).toBeUndefined();
    expect([await isIn(accessToken), await isIn(token)], 'the same again changes nothing').toEqual([true, true]);
    const next = what === 'moved' ? newSubject() : null;
    expect(await set(next)).toBeUndefined();
    expect([await isIn(accessToken), await isIn(token)]).toEqual([false, false]);
    if (next !== null) expect(await isIn(await issuer.sign(next))).toBe(true);
  },
);

test('without another issuer, it is a field like others, and ends none', async () => {
  await withoutIssuer();
  const { userId: id, accessToken } = await signInWith(newSubject());
  expect(await codeOf(update, { id, input: { externalId: newSubject() } }, key('users:write'))).toBeUndefined();
  expect(await isIn(accessToken)).toBe(true);
});
