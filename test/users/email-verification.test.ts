import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { confirmEmailVerification, sendEmailVerification } from '../../src/users/email-verification.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { codeMailedTo, expireCodes, mailedTo, otherThan } from '../support/codes.ts';
import { makeSignedIn, password } from '../support/sessions.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'log' });
});
afterAll(() => t.close());

const send = (id: string) => sendEmailVerification(t.app, 'roster', id);
const confirm = (id: string, code: string) => confirmEmailVerification(t.app, 'roster', id, code);
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => error.code,
  );

const Send = 'mutation ($id: ID!) { sendEmailVerification(userId: $id) { id emailVerified } }';
const Confirm = `mutation ($id: ID!, $code: String!) {
  confirmEmailVerification(userId: $id, code: $code) { id emailVerified version identities { id } }
}`;

describe('a backend', () => {
  test('has a code mailed, and verifies the address by it', async () => {
    const { id, email } = await makeUser(t.app, { password });
    expect((await t.graphql(Send, { id })).data).toEqual({ sendEmailVerification: { id, emailVerified: false } });
    const [mail, ...more] = await mailedTo(t, email);
    expect([mail?.template, more]).toEqual(['email-verification', []]);
    const { data } = await t.graphql(Confirm, { id, code: mail?.code });
    expect(data).toEqual({ confirmEmailVerification: { id, emailVerified: true, version: 2, identities: [] } });
    expect(await t.app.db.reader.password.count({ where: { userId: id } })).toBe(1);
  });

  test('is told why not', async () => {
    const { id, email } = await makeUser(t.app);
    expect(await codeOf(confirm(id, '123456'))).toBe('email_verification_code_incorrect');
    await send(id);
    const code = await codeMailedTo(t, email);
    expect(await codeOf(confirm(id, otherThan(code)))).toBe('email_verification_code_incorrect');
    await expireCodes(t, { emailCanonical: email });
    expect(await codeOf(confirm(id, code))).toBe('email_verification_code_expired');
    const verified = await makeUser(t.app, { emailVerified: true });
    expect(await codeOf(send(verified.id))).toBe('email_already_verified');
    expect(await codeOf(confirm(verified.id, code))).toBe('email_previously_verified');
    expect(await codeOf(send('user_x'))).toBe('entity_not_found');
    expect(await codeOf(confirm('user_\u0000', code))).toBe('entity_not_found');
  });

  test('hears after the fifth wrong code, and of the right one then, that it takes a new one', async () => {
    const { id, email } = await makeUser(t.app);
    await send(id);
    const code = await codeMailedTo(t, email);
    const wrong = Array.from({ length: 5 }, () => otherThan(code));
    for (const given of wrong) expect(await codeOf(confirm(id, given))).toBe('email_verification_code_incorrect');
    expect(await codeOf(confirm(id, code))).toBe('email_verification_code_expired');
    expect((await t.app.db.reader.user.findUniqueOrThrow({ where: { id } })).emailVerified).toBe(false);
  });

  test('has one mail in half a minute, and no code beside it', async () => {
    const { id, email } = await makeUser(t.app);
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => codeOf(send(id))));
    expect(outcomes.sort()).toEqual(['daily_quota_exceeded', 'daily_quota_exceeded', 'daily_quota_exceeded', 'done']);
    await expect(send(id)).rejects.toMatchObject({ details: { retryAfterSeconds: expect.any(Number) } });
    expect(await mailedTo(t, email)).toHaveLength(1);
    expect(await t.app.db.reader.oneTimeCode.count({ where: { userId: id } })).toBe(1);
  });
});

test('of fifty who come with the right code at once, one verifies, once', async () => {
  const { id, email } = await makeUser(t.app);
  await send(id);
  const code = await codeMailedTo(t, email);
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => codeOf(confirm(id, code))));
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
  expect((await t.app.db.reader.user.findUniqueOrThrow({ where: { id } })).version).toBe(2);
});

describe('a signed-in user', () => {
  test('verifies their own address, and nobody else’s', async () => {
    const { userId: id, accessToken } = await makeSignedIn(t);
    const email = `moved-${id.toLowerCase()}@example.com`;
    const data = { email, emailCanonical: email, emailVerified: false };
    await t.app.db.transaction((tx) => tx.prisma.user.update({ where: { id }, data }));
    expect((await t.graphql(Send, { id }, accessToken)).errors).toBeUndefined();
    const code = await codeMailedTo(t, email);
    const answer = await t.graphql(Confirm, { id, code }, accessToken);
    expect(answer.data).toMatchObject({ confirmEmailVerification: { emailVerified: true } });
    expect((await t.graphql('{ viewer { id } }', {}, accessToken)).errors).toBeUndefined();

    const other = await makeUser(t.app);
    for (const [document, more] of [
      [Send, {}],
      [Confirm, { code }],
    ] as const) {
      const { errors } = await t.graphql(document, { id: other.id, ...more }, accessToken);
      expect(errors?.[0]?.extensions.code).toBe('ENTITY_NOT_FOUND');
    }
  });
});

test('no line of the log has a code', async () => {
  const { id, email } = await makeUser(t.app);
  await t.graphql(Send, { id });
  const code = await codeMailedTo(t, email);
  await t.graphql(Confirm, { id, code: otherThan(code) });
  await t.graphql(Confirm, { id, code });
  expect(t.logged()).toContain('EMAIL_VERIFICATION_CODE_INCORRECT');
  expect([t.logged().includes(code), t.logged().includes(otherThan(code))]).toEqual([false, false]);
});
