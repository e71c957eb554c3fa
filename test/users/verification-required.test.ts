import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { expireCodes, otherThan, shownCode } from '../support/codes.ts';
import { password } from '../support/sessions.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'off' });
});
afterAll(() => t.close());

const Password = `mutation ($email: EmailAddress!, $password: String!) {
  authenticateWithPassword(email: $email, password: $password) { accessToken }
}`;
const GoOn = `mutation ($code: String!, $token: String!) {
  authenticateWithEmailVerification(code: $code, pendingAuthenticationToken: $token) {
    accessToken user { id emailVerified sessions { authMethod } }
  }
}`;

const verificationOf = async (email: string) => shownCode(t, email, 'email_verification');

/** A sign-in with the right password of somebody who is not verified. */
async function signIn(email: string) {
  const { errors } = await t.graphql(Password, { email, password }, null);
  return errors?.[0]?.extensions as { code: string; pendingAuthenticationToken: string; emailVerificationId: string };
}
// biome-ignore lint/suspicious/noExplicitAny: whatever was answered
const goOn = (code: string, token: string) => t.graphql<any, object>(GoOn, { code, token }, null);
const codeOf = async (answer: ReturnType<typeof goOn>) => (await answer).errors?.[0]?.extensions.code ?? 'done';

test('a right password of an unverified address gets a code mailed, and the sign-in goes on with it', async () => {
  const { id, email } = await makeUser(t.app, { password });
  const error = await signIn(email);
  expect(error).toMatchObject({
    code: 'EMAIL_VERIFICATION_REQUIRED',
    email,
    pendingAuthenticationToken: expect.stringMatching(/^[\w-]{43}$/),
    emailVerificationId: expect.stringMatching(/^email_verification_/),
  });
  const code = await verificationOf(email);
  expect(await codeOf(goOn(otherThan(code), error.pendingAuthenticationToken))).toBe('INVALID_ONE_TIME_CODE');
  const { data } = await goOn(code, error.pendingAuthenticationToken);
  const { user } = data.authenticateWithEmailVerification;
  expect(user).toEqual({ id, emailVerified: true, sessions: [{ authMethod: 'password' }] });
  expect((await t.graphql(Password, { email, password }, null)).errors).toBeUndefined(); // the password stays
  expect(await codeOf(goOn(code, error.pendingAuthenticationToken))).toBe('INVALID_PENDING_AUTHENTICATION_TOKEN');
  expect(t.logged()).not.toContain(error.pendingAuthenticationToken);
  expect(t.logged()).not.toContain(code);
});

test('a sign-in that is repeated has the code that is live, is never told to wait, and each token goes on', async () => {
  const { email } = await makeUser(t.app, { password });
  const errors = [await signIn(email), await signIn(email), await signIn(email)];
  expect(new Set(errors.map(({ emailVerificationId }) => emailVerificationId)).size).toBe(1);
  expect(new Set(errors.map(({ pendingAuthenticationToken }) => pendingAuthenticationToken)).size).toBe(3);
  expect(errors.map(({ code }) => code)).toEqual(Array(3).fill('EMAIL_VERIFICATION_REQUIRED'));
  const code = await verificationOf(email);
  expect(await codeOf(goOn(code, errors[1]?.pendingAuthenticationToken ?? ''))).toBe('done');
});

test('where the code has expired and no other may be mailed yet, there is one for a backend to fetch', async () => {
  const { email } = await makeUser(t.app, { password });
  const first = await signIn(email);
  await expireCodes(t, { emailCanonical: email });
  const second = await signIn(email);
  expect(second.emailVerificationId).not.toBe(first.emailVerificationId);
  expect(await codeOf(goOn(await verificationOf(email), second.pendingAuthenticationToken))).toBe('done');
});

test('five wrong codes end the code, and fifty at once are no more', async () => {
  const { email } = await makeUser(t.app, { password });
  const { pendingAuthenticationToken: token } = await signIn(email);
  const code = await verificationOf(email);
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => codeOf(goOn(otherThan(code), token))));
  expect(outcomes.filter((outcome) => outcome === 'INVALID_ONE_TIME_CODE')).toHaveLength(5);
  expect(['ONE_TIME_CODE_TOO_MANY_ATTEMPTS', 'RATE_LIMITED']).toContain(await codeOf(goOn(code, token)));
});

describe('a token that waits', () => {
  const causes: [string, (id: string) => Promise<unknown>, string][] = [
    ['a new password', (id) => updateUser(t.app, 'roster', id, { password: 'walnut trumpet glacier mitten' }), 'dead'],
    [
      'a new address',
      (id) => updateUser(t.app, 'roster', id, { email: `new-${id.toLowerCase()}@example.com` }),
      'dead',
    ],
    ['a name', (id) => updateUser(t.app, 'roster', id, { firstName: 'Ada', metadata: { a: '1' } }), 'done'],
    [
      'its time',
      async (id) =>
        t.app.db.transaction((tx) =>
          tx.prisma.oneTimeCode.updateMany({
            where: { userId: id, purpose: 'pending_authentication' },
            data: { expiresAt: new Date(Date.now() - 1000) },
          }),
        ),
      'dead',
    ],
  ];
  test.each(causes)('after %s', async (_cause, act, outcome) => {
    const { id, email } = await makeUser(t.app, { password });
    const { pendingAuthenticationToken: token } = await signIn(email);
    const code = await verificationOf(email);
    await act(id);
    expect(await codeOf(goOn(code, token))).toBe(outcome === 'dead' ? 'INVALID_PENDING_AUTHENTICATION_TOKEN' : 'done');
  });

  test('takes the code of its own user alone', async () => {
    const [a, b] = [await makeUser(t.app, { password }), await makeUser(t.app, { password })];
    const { pendingAuthenticationToken: token } = await signIn(a.email);
    await signIn(b.email);
    const [own, other] = [await verificationOf(a.email), await verificationOf(b.email)];
    if (own !== other) expect(await codeOf(goOn(other, token))).toBe('INVALID_ONE_TIME_CODE');
    expect(await codeOf(goOn(own, 'x'.repeat(43)))).toBe('INVALID_PENDING_AUTHENTICATION_TOKEN');
  });
});
