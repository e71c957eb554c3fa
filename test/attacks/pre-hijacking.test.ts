import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkIdentity } from '../../src/users/identities.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { makeSignedIn, password, type SignedIn, signIn } from '../support/sessions.ts';
import { linkAddresses, makeUser, newAddress } from '../support/users.ts';

/**
 * The five classes of Sudhodanan and Paverd, "Pre-hijacked accounts" (USENIX Security 2022): an attacker prepares an account
 * for an address before its owner comes, and still gets in afterwards. Of each, the part that a user store has.
 */
let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

const newPassword = 'walnut trumpet glacier mitten';
const isIn = async ({ accessToken }: SignedIn) =>
  (await t.graphql('{ viewer { id } }', {}, accessToken)).errors === undefined;
const canRefresh = async ({ refreshToken }: SignedIn) => {
  const document = `mutation { refreshSession(refreshToken: "${refreshToken}") { accessToken } }`;
  return (await t.graphql(document, {}, null)).errors === undefined;
};

describe('classic-federated merge', () => {
  test('an account that was made with an address that nobody verified cannot be signed in to', async () => {
    const email = newAddress();
    await makeUser(t.app, { email, password });
    await expect(signIn(t, email)).rejects.toThrow('EMAIL_VERIFICATION_REQUIRED');
  });

  test('an identity is never linked because its address is that of a user: that takes the id of the user', async () => {
    const { id, email } = await makeUser(t.app);
    const { id: otherId } = await makeUser(t.app);
    await linkIdentity(t.app, 'roster', otherId, { provider: 'GoogleOAuth', idpId: 'merge', email });
    const query = `{ user(id: "${id}") { identities { id } } }`;
    expect((await t.graphql(query)).data).toEqual({ user: { identities: [] } });
  });
});

describe('unexpired session', () => {
  test('the owner sets a new password: every session of before is out, by either token', async () => {
    const attacker = await makeSignedIn(t);
    await updateUser(t.app, 'roster', attacker.userId, { password: newPassword });
    expect([await isIn(attacker), await canRefresh(attacker)]).toEqual([false, false]);
  });

  test('the address becomes that of the owner: every session of before is out', async () => {
    const attacker = await makeSignedIn(t);
    await updateUser(t.app, 'roster', attacker.userId, { email: newAddress(), emailVerified: true });
    expect([await isIn(attacker), await canRefresh(attacker)]).toEqual([false, false]);
  });
});

test('trojan identifier: with the address goes every identity of another one, also one without', async () => {
  const { userId } = await makeSignedIn(t);
  const owner = newAddress();
  await linkAddresses(t.app, userId, ['attacker@example.com', null, owner]);
  const { identities } = await updateUser(t.app, 'roster', userId, { email: owner }, { withIdentities: true });
  expect(identities?.map(({ emailCanonical }) => emailCanonical)).toEqual([owner]);
});

test('unexpired email change: a change is made or refused at once, and none is left to be confirmed later', async () => {
  const attacker = await makeSignedIn(t);
  const document =
    'mutation ($id: ID!, $email: EmailAddress!) { updateUser(id: $id, input: { email: $email }) { id } }';
  const { errors } = await t.graphql(document, { id: attacker.userId, email: newAddress() }, attacker.accessToken);
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', field: 'email' });
  const moved = newAddress();
  const user = await updateUser(t.app, 'roster', attacker.userId, { email: moved });
  expect(user).toMatchObject({ email: moved, emailVerified: false });
  await expect(signIn(t, moved)).rejects.toThrow('EMAIL_VERIFICATION_REQUIRED');
});

test('non-verifying identity provider: what it says of an address verifies nobody', async () => {
  const { id, email } = await makeUser(t.app, { password });
  const account = { provider: 'SlackOAuth', idpId: 'unverified', email };
  await linkIdentity(t.app, 'roster', id, account, { keepCredentials: true });
  const { data } = await t.graphql(`{ user(id: "${id}") { emailVerified } }`);
  expect(data).toEqual({ user: { emailVerified: false } });
  await expect(signIn(t, email)).rejects.toThrow('EMAIL_VERIFICATION_REQUIRED');
});
