import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rootFields } from '../../src/graphql/access.ts';
import { schema } from '../../src/graphql/schema/schema.ts';
import { allScopes } from '../../src/principal/scopes.ts';
import { isReplayed } from '../../src/rest/idempotency-key.ts';
import { routes } from '../../src/rest/routes.ts';
import { sendEmailChange } from '../../src/users/email-change.ts';
import { sendEmailVerification } from '../../src/users/email-verification.ts';
import { createPasswordReset } from '../../src/users/password-reset.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { codeMailedTo, shownCode } from '../support/codes.ts';
import { readEvents } from '../support/events.ts';
import { ask, type KeyedCall, operation, rowsOf } from '../support/keyed.ts';
import { makeSignedIn, signIn } from '../support/sessions.ts';
import { linkAddresses, makeUser, newAddress } from '../support/users.ts';
import { makeEndpoint } from '../support/webhooks.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'log', RUN_JOBS: 'false', PASSWORD_RESET_URL: 'https://app.example/reset' });
  const { key } = await t.app.apiKeys.create('everything', [...allScopes]);
  Object.assign(t, { key });
});
afterAll(() => t.close());

let counter = 0;
function next(): number {
  counter += 1;
  return counter;
}
const newUrl = () => `https://receiver.example/${next()}`;
const user =
  'id email emailVerified firstName externalId metadata managed updatedAt version identities { id provider email }';
const endpoint = 'id url eventTypes status updatedAt previousSecretUntil';
const delivery = 'id state attempt dueAt';

/** A user with an identity, and a session. */
async function makeWhole() {
  const signedIn = await makeSignedIn(t);
  const [identity] = await linkAddresses(t.app, signedIn.userId, [signedIn.email]);
  return { ...signedIn, identityId: identity?.id as string };
}

/** A request for each mutation that does something; one that is not here, or that keeps nothing, fails. */
const mutations: Record<string, () => Promise<KeyedCall>> = {
  async createUser() {
    const input = { email: newAddress(), firstName: 'Ada', metadata: { plan: 'pro' } };
    return operation(`mutation ($input: CreateUserInput!) { createUser(input: $input) { ${user} } }`, { input });
  },
  async updateUser() {
    const { userId: id } = await makeWhole();
    const query = `mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { ${user} } }`;
    return operation(query, { id, input: { email: newAddress(), firstName: 'Ada' } });
  },
  async updateUsers() {
    const [a, b] = [await makeWhole(), await makeWhole()];
    const { id } = await makeUser(t.app);
    const updates = [
      { id: a.userId, input: { firstName: 'Ada' } },
      { id: b.userId, input: { email: a.email } },
      { id, input: { email: newAddress() } },
      { id: 'user_x', input: {} },
    ];
    const fields = `results { index user { ${user} } error { code field message issues } } updated unchanged failed`;
    return operation(`mutation ($updates: [UpdateUsersItem!]!) { updateUsers(updates: $updates) { ${fields} } }`, {
      updates,
    });
  },
  async deleteUser() {
    const { userId: id } = await makeWhole();
    return operation(`mutation ($id: ID!) { deleteUser(id: $id) { ${user} sessions { id } } }`, { id });
  },
  async setUserManaged() {
    const { userId: id } = await makeWhole();
    return operation(`mutation ($id: ID!) { setUserManaged(id: $id, managed: true) { ${user} } }`, { id });
  },
  async removePassword() {
    const { userId: id } = await makeWhole();
    return operation(`mutation ($id: ID!) { removePassword(userId: $id) { ${user} } }`, { id });
  },
  async linkIdentity() {
    const { id: userId } = await makeUser(t.app);
    const variables = { userId, input: { provider: 'GOOGLE_OAUTH', idpId: userId, email: newAddress() } };
    const query =
      'mutation ($userId: ID!, $input: LinkIdentityInput!) { linkIdentity(userId: $userId, input: $input) { id email } }';
    return operation(query, variables);
  },
  async unlinkIdentity() {
    const { identityId: id } = await makeWhole();
    return operation('mutation ($id: ID!) { unlinkIdentity(id: $id) { id email } }', { id });
  },
  async confirmEmailVerification() {
    const { id, email } = await makeUser(t.app);
    await sendEmailVerification(t.app, 'roster', id);
    const code = await shownCode(t, email, 'email_verification');
    const query = `mutation ($id: ID!, $code: String!) { confirmEmailVerification(userId: $id, code: $code) { ${user} } }`;
    return operation(query, { id, code });
  },
  async confirmEmailChange() {
    const { id } = await makeUser(t.app);
    const newEmail = newAddress();
    await sendEmailChange(t.app, 'roster', id, { newEmail });
    const code = await codeMailedTo(t, newEmail);
    const query = `mutation ($id: ID!, $code: String!) { confirmEmailChange(userId: $id, code: $code) { ${user} } }`;
    return operation(query, { id, code });
  },
  async confirmPasswordReset() {
    const { email } = await makeSignedIn(t);
    const { secret: token } = await createPasswordReset(t.app, 'roster', email);
    const query = `mutation ($token: String!, $newPassword: String!) { confirmPasswordReset(token: $token, newPassword: $newPassword) { ${user} } }`;
    return operation(query, { token, newPassword: 'violet barge kettle sunrise' }, { credentials: null });
  },
  async revokeSession() {
    const { sessionId: id } = await makeSignedIn(t);
    return operation('mutation ($id: ID!) { revokeSession(id: $id) { id status endedAt } }', { id });
  },
  async revokeAllSessions() {
    const { userId: id, email } = await makeSignedIn(t);
    await signIn(t, email);
    return operation('mutation ($id: ID!) { revokeAllSessions(userId: $id) { id status endedAt } }', { id });
  },
  async createWebhookEndpoint() {
    const input = { url: newUrl(), eventTypes: ['USER_CREATED'] };
    const query = `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { secret endpoint { ${endpoint} } } }`;
    return operation(query, { input });
  },
  async updateWebhookEndpoint() {
    const { id } = await makeEndpoint(t.app, newUrl());
    const query = `mutation ($id: ID!, $input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(id: $id, input: $input) { ${endpoint} } }`;
    return operation(query, { id, input: { url: newUrl() } });
  },
  async deleteWebhookEndpoint() {
    const { id } = await makeEndpoint(t.app, newUrl());
    return operation(`mutation ($id: ID!) { deleteWebhookEndpoint(id: $id) { ${endpoint} } }`, { id });
  },
  async rotateWebhookSecret() {
    const { id } = await makeEndpoint(t.app, newUrl());
    return operation(`mutation ($id: ID!) { rotateWebhookSecret(id: $id) { secret endpoint { ${endpoint} } } }`, {
      id,
    });
  },
  async retryWebhookDelivery() {
    const { id: endpointId } = await makeEndpoint(t.app, newUrl());
    await makeUser(t.app);
    await readEvents(t.app);
    const { id } = await t.app.db.reader.webhookDelivery.findFirstOrThrow({ where: { endpointId } });
    const over = { state: 'failed', dueAt: null, attempt: 10, finishedAt: new Date() };
    await t.app.db.transaction((tx) => tx.prisma.webhookDelivery.update({ where: { id }, data: over }));
    return operation(`mutation ($id: ID!) { retryWebhookDelivery(id: $id) { ${delivery} } }`, { id });
  },
  async replayWebhookEvents() {
    await makeUser(t.app);
    await makeUser(t.app);
    const after = (await readEvents(t.app)).at(-2)?.id;
    const { id } = await makeEndpoint(t.app, newUrl());
    const query = `mutation ($id: ID!, $after: ID!) { replayWebhookEvents(endpointId: $id, after: $after) { endpoint { id } deliveries isComplete } }`;
    return operation(query, { id, after });
  },
  async sendTestEvent() {
    const { id } = await makeEndpoint(t.app, newUrl());
    return operation(
      `mutation ($id: ID!) { sendTestEvent(endpointId: $id, type: USER_CREATED) { ${delivery} event { type } } }`,
      { id },
    );
  },
};

/** The same by REST, under the ids of its operations. */
const operations: Record<string, () => Promise<KeyedCall>> = {
  async createUser() {
    const body = { email: newAddress(), first_name: 'Ada', metadata: { plan: 'pro' } };
    return { method: 'POST', path: '/user_management/users', body };
  },
  async updateUser() {
    const { userId } = await makeWhole();
    return { method: 'PUT', path: `/user_management/users/${userId}`, body: { email: newAddress(), last_name: 'L' } };
  },
  async deleteUser() {
    const { userId } = await makeWhole();
    return { method: 'DELETE', path: `/user_management/users/${userId}` };
  },
  async verifyEmail() {
    const { id, email } = await makeUser(t.app);
    await sendEmailVerification(t.app, 'roster', id);
    const body = { code: await shownCode(t, email, 'email_verification') };
    return { method: 'POST', path: `/user_management/users/${id}/email_verification/confirm`, body };
  },
  async confirmEmailChange() {
    const { id } = await makeUser(t.app);
    const newEmail = newAddress();
    await sendEmailChange(t.app, 'roster', id, { newEmail });
    const body = { code: await codeMailedTo(t, newEmail) };
    return { method: 'POST', path: `/user_management/users/${id}/email_change/confirm`, body };
  },
  async resetPassword() {
    const { email } = await makeSignedIn(t);
    const { secret: token } = await createPasswordReset(t.app, 'roster', email);
    const body = { token, new_password: 'violet barge kettle sunrise' };
    return { method: 'POST', path: '/user_management/password_reset/confirm', body };
  },
  async revokeSession() {
    const { sessionId: session_id } = await makeSignedIn(t);
    return { method: 'POST', path: '/user_management/sessions/revoke', body: { session_id } };
  },
  async createWebhookEndpoint() {
    const body = { endpoint_url: newUrl(), events: ['user.created'] };
    return { method: 'POST', path: '/webhook_endpoints', body };
  },
  async updateWebhookEndpoint() {
    const { id } = await makeEndpoint(t.app, newUrl());
    return { method: 'PATCH', path: `/webhook_endpoints/${id}`, body: { endpoint_url: newUrl() } };
  },
  async deleteWebhookEndpoint() {
    const { id } = await makeEndpoint(t.app, newUrl());
    return { method: 'DELETE', path: `/webhook_endpoints/${id}` };
  },
};

const newKey = () => `key ${next()}`;

/** Carries a request out, and asks three times more: everything is as after the first. */
async function expectOnce(prepare: (() => Promise<KeyedCall>) | undefined): Promise<void> {
  if (!prepare) throw new Error('What does it do, and what is answered the second time? This test does not know.');
  const call = await prepare();
  const [before, key] = [await rowsOf(t), newKey()];
  const first = await ask(t, key, call);
  expect([200, 201, 204], first.text).toContain(first.status);
  expect(first.body?.errors).toBeUndefined();
  expect(first.replayed).toBe(false);
  const after = await rowsOf(t);
  expect(after).not.toEqual(before);
  for (let i = 0; i < 3; i += 1) {
    const again = await ask(t, key, call);
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(again.replayed).toBe(true);
  }
  expect(await rowsOf(t)).toEqual(after);
}

describe('every mutation', () => {
  const names = Object.keys(schema.getMutationType()?.getFields() ?? {});
  const replayed = names.filter((name) => !rootFields.get(name)?.isNeverReplayed);
  test.each(replayed)('is carried out once for a key, and answers the same again: %s', async (name) => {
    await expectOnce(mutations[name]);
  });

  test('but what signs in and what sends a mail', () => {
    expect(names.filter((name) => rootFields.get(name)?.isNeverReplayed)).toEqual(
      [
        'authenticateWithPassword',
        'requestSignInCode',
        'authenticateWithCode',
        'authenticateWithEmailVerification',
        'sendEmailVerification',
        'sendEmailChange',
        'requestPasswordReset',
        'refreshSession',
      ].sort((a, b) => names.indexOf(a) - names.indexOf(b)),
    );
  });
});

describe('every operation of REST that writes', () => {
  const writing = Object.values(routes).flatMap((methods) =>
    Object.entries(methods).filter(([method]) => method !== 'GET'),
  );
  const replayed = writing.filter(([method, one]) => isReplayed(method, one)).map(([, { id }]) => id);
  test.each(replayed)('is carried out once for a key, and answers the same again: %s', async (id) => {
    await expectOnce(operations[id]);
  });

  test('but what signs in and what sends a mail', () => {
    const others = writing.filter(([method, one]) => !isReplayed(method, one)).map(([, { id }]) => id);
    expect(others.sort()).toEqual(
      ['authenticate', 'createMagicAuth', 'createPasswordReset', 'sendEmailChange', 'sendVerificationEmail'].sort(),
    );
  });
});
