import { describe, expect, test } from 'vitest';
import { codeMailedTo, expireCodes, mailedTo, otherThan } from '../support/codes.ts';
import { type RawRequest, request, useRestServer } from '../support/rest.ts';
import { newAddress } from '../support/users.ts';

const t = useRestServer({
  MAIL: 'log',
  RUN_JOBS: 'false', // a mail forgets its code when it is sent
  PASSWORD_RESET_URL: 'https://app.example/reset?from=mail',
  MAX_BODY_BYTES: '2048',
});
const users = '/user_management/users';
const reset = '/user_management/password_reset';
const confirmReset = `${reset}/confirm`;
const password = 'wkqzvxmrhtbj';
const newPassword = 'walnut trumpet glacier mitten';
const unknown = `${users}/user_01E4ZCR3C56J083X43JQXF3JK5`;

async function newUser(fields: object = {}) {
  const { body } = await request(t, 'POST', users, { json: { email: newAddress(), ...fields } });
  const change = `${users}/${body.id}/email_change`;
  return { ...body, send: `${change}/send`, confirm: `${change}/confirm` } as Record<
    'id' | 'email' | 'send' | 'confirm',
    string
  >;
}
async function answerOf(method: string, path: string, init?: RawRequest): Promise<string> {
  const { status, body } = await request(t, method, path, init);
  return [status, ...(body?.code ? [body.code] : [])].join(' ');
}
const post = (path: string, json: object) => answerOf('POST', path, { json });
const manage = (id: string) =>
  t.server.app.db.transaction((tx) => tx.prisma.user.update({ where: { id }, data: { managed: true } }));

describe('email_change', () => {
  test('from the send to the new address', async () => {
    const { id, email, send, confirm } = await newUser();
    const to = newAddress();
    const { status, body } = await request(t, 'POST', send, { json: { new_email: to } });
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(['created_at', 'expires_at', 'new_email', 'object', 'user']);
    expect(body).toMatchObject({ object: 'email_change', new_email: to, user: { id, email } });
    const code = await codeMailedTo(t.server, to);
    expect(await post(confirm, { code: otherThan(code) })).toBe('400 email_change_code_incorrect');
    const { body: done } = await request(t, 'POST', confirm, { json: { code } });
    expect(done).toMatchObject({ object: 'email_change_confirmation', user: { email: to, email_verified: true } });
    expect(await post(confirm, { code })).toBe('409 email_change_code_previously_used');
    expect(await post(confirm, { code: otherThan(code) })).toBe('409 no_pending_email_change');
  });

  test('each refusal has its status', async () => {
    const [{ id, email, send, confirm }, other] = [await newUser(), await newUser()];
    expect(await post(send, { new_email: email })).toBe('409 email_change_not_needed');
    expect(await post(send, { new_email: other.email })).toBe('409 email_not_available');
    expect(await post(send, { new_email: 'nonsense' })).toBe('422 invalid_email');
    expect(await post(send, {})).toBe('422 invalid_request_parameters');
    expect(await post(confirm, {})).toBe('422 invalid_request_parameters');
    expect(await post(confirm, { code: 1 })).toBe('422 invalid_request_parameters');
    expect(await post(confirm, { code: '1' })).toBe('409 no_pending_email_change');
    expect(await post(`${unknown}/email_change/send`, { new_email: email })).toBe('404 entity_not_found');
    expect(await post(`${unknown}/email_change/confirm`, { code: '1' })).toBe('404 entity_not_found');
    await manage(id);
    expect(await post(send, { new_email: newAddress() })).toBe('409 email_change_not_allowed');
  });

  test('an address that was taken meanwhile, a code that has expired, and too many mails', async () => {
    const [{ send, confirm }, other] = [await newUser(), await newUser()];
    const to = newAddress();
    expect(await post(send, { new_email: to })).toBe('200');
    expect(await post(send, { new_email: to })).toBe('429 daily_quota_exceeded');
    const code = await codeMailedTo(t.server, to);
    await request(t, 'PUT', `${users}/${other.id}`, { json: { email: to } });
    expect(await post(confirm, { code })).toBe('409 email_not_available');
    await expireCodes(t.server, { emailCanonical: to });
    expect(await post(confirm, { code })).toBe('400 email_change_code_expired');
  });

  test('a code that was tried too often is 429, and no client is told to send it again', async () => {
    const { send, confirm } = await newUser();
    const to = newAddress();
    await post(send, { new_email: to });
    const code = await codeMailedTo(t.server, to);
    for (let i = 0; i < 5; i += 1) await post(confirm, { code: otherThan(code) });
    const { status, headers, body } = await request(t, 'POST', confirm, { json: { code } });
    expect([status, body.code]).toEqual([429, 'email_change_too_many_attempts']);
    expect(headers.get('retry-after')).toBeNull();
  });
});

describe('password_reset', () => {
  test("through WorkOS's SDK, from the link to the new password; what GET and HEAD show stays of use", async () => {
    const { id, email } = await newUser({ password, email_verified: true });
    const made = await t.workos.userManagement.createPasswordReset({ email });
    expect(made).toMatchObject({ object: 'password_reset', userId: id, email });
    expect(made.passwordResetUrl).toBe(`https://app.example/reset?from=mail&token=${made.passwordResetToken}`);
    expect(await mailedTo(t.server, email)).toMatchObject([{ token: made.passwordResetToken }]);
    for (const method of ['HEAD', 'GET']) {
      const headers = { authorization: `Bearer ${t.server.key}`, 'x-forwarded-host': 'attacker.example' };
      const response = await fetch(`${t.server.url}${reset}/${made.id}`, { method, headers });
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    }
    expect(await t.workos.userManagement.getPasswordReset(made.id)).toEqual(made);
    const weak = { json: { token: made.passwordResetToken, new_password: 'short' } };
    const { status, body } = await request(t, 'POST', confirmReset, weak);
    expect([status, body.code]).toEqual([400, 'password_reset_error']);
    expect(body.errors[0]).toMatchObject({ code: 'password_too_short', field: 'new_password' });
    const given = { token: made.passwordResetToken, newPassword };
    const { user } = await t.workos.userManagement.resetPassword(given);
    expect(user).toMatchObject({ id, email });
    await expect(t.workos.userManagement.resetPassword(given)).rejects.toMatchObject({ status: 404 });
    expect(await answerOf('GET', `${reset}/${made.id}`)).toBe('404 entity_not_found');
    const signIn = { clientId: 'any', email, password: newPassword };
    expect((await t.workos.userManagement.authenticateWithPassword(signIn)).user.id).toBe(id);
  });

  test('each refusal has its status', async () => {
    const { id, email } = await newUser();
    expect(await post(reset, { email: newAddress() })).toBe('404 entity_not_found');
    expect(await post(reset, { email: 'nonsense' })).toBe('422 invalid_email');
    expect(await post(reset, {})).toBe('422 invalid_request_parameters');
    expect(await post(confirmReset, { token: 'x', new_password: newPassword })).toBe('404 entity_not_found');
    expect(await post(confirmReset, { token: 'x' })).toBe('422 invalid_request_parameters');
    expect(await answerOf('GET', `${reset}/password_reset_x`)).toBe('404 entity_not_found');
    expect(await post(reset, { email })).toBe('201');
    expect(await post(reset, { email })).toBe('429 daily_quota_exceeded');
    await manage(id);
    expect(await post(reset, { email })).toBe('403 password_reset_not_allowed');
  });
});

test('who is not known, and what cannot be read', async () => {
  const paths = [`${unknown}/email_change/send`, `${unknown}/email_change/confirm`, reset, confirmReset];
  const withoutKey = { headers: { authorization: '' } };
  for (const path of paths) {
    expect(await answerOf('POST', path, { ...withoutKey, json: {} })).toBe('401 unauthorized');
    expect(await answerOf('POST', path, { body: '{' })).toBe('400 bad_request');
    expect(await answerOf('POST', path, { body: ' '.repeat(2049) })).toBe('413 payload_too_large');
    expect(await answerOf('POST', path, { body: '{}', headers: { 'content-type': 'text/plain' } })).toBe(
      '415 unsupported_media_type',
    );
  }
  expect(await answerOf('GET', `${reset}/x`, withoutKey)).toBe('401 unauthorized');
});
