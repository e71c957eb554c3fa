import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { setUserManaged } from '../../src/users/managed.ts';
import { createSignInCode } from '../../src/users/sign-in-code.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { expireCodes, otherThan, shownCode } from '../support/codes.ts';
import { createMailApp } from '../support/mails.ts';
import { password } from '../support/sessions.ts';
import { startSmtp } from '../support/smtp.ts';
import { makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'off' });
});
afterAll(() => t.close());

const Request = 'mutation ($email: EmailAddress!) { requestSignInCode(email: $email) }';
const SignIn = `mutation ($email: EmailAddress!, $code: String!) {
  authenticateWithCode(email: $email, code: $code) {
    accessToken refreshToken accessTokenExpiresIn
    user { id email emailVerified lastSignInAt version sessions { id authMethod status } }
  }
}`;

const ask = (email: string, given = t) =>
  given.graphql<{ requestSignInCode: boolean }, object>(Request, { email }, null);
// biome-ignore lint/suspicious/noExplicitAny: whatever was answered
const signIn = (email: string, code: string, given = t) => given.graphql<any, object>(SignIn, { email, code }, null);
async function codeOf(answer: Promise<{ errors?: { extensions: { code: string } }[] }>): Promise<string> {
  return (await answer).errors?.[0]?.extensions.code ?? 'done';
}

/** Asks for a code and has the worker do its part. */
async function request(email: string): Promise<void> {
  expect((await ask(email)).data).toEqual({ requestSignInCode: true });
  await t.app.jobs.runDue();
}

describe('a user', () => {
  test('asks for a code, has it mailed, signs in by it in any case of the address, and is verified', async () => {
    const smtp = await startSmtp();
    const mailed = await createMailApp(smtp);
    const { id, email } = await makeUser(mailed.app);
    expect((await ask(email, mailed)).data).toEqual({ requestSignInCode: true });
    await mailed.app.jobs.runDue();
    expect(smtp.mails.map(({ envelope }) => envelope.to)).toEqual([[email]]);
    const code = /^\d{6}/.exec(smtp.mails[0]?.text ?? '')?.[0] ?? '';
    const { data } = await signIn(email.toUpperCase(), code, mailed);
    const { user, accessToken } = data.authenticateWithCode;
    expect(user).toMatchObject({ id, email, emailVerified: true, version: 2, lastSignInAt: expect.any(String) });
    expect(user.sessions).toMatchObject([{ authMethod: 'magic_code', status: 'ACTIVE' }]);
    expect((await mailed.graphql('{ viewer { id } }', {}, accessToken)).data).toEqual({ viewer: { id } });
    expect(await codeOf(signIn(email, code, mailed))).toBe('ONE_TIME_CODE_PREVIOUSLY_USED');
  });

  test('who is verified keeps password, sessions and version', async () => {
    const { email } = await makeUser(t.app, { emailVerified: true, password });
    const before = await t.graphql(
      'mutation ($e: EmailAddress!, $p: String!) { authenticateWithPassword(email: $e, password: $p) { accessToken } }',
      { e: email, p: password },
      null,
    );
    expect(before.errors).toBeUndefined();
    await request(email);
    const { data } = await signIn(email, await shownCode(t, email));
    expect(data.authenticateWithCode.user).toMatchObject({ version: 1, sessions: [{}, {}] });
  });

  test('is told once, by mail, that now there was a code', async () => {
    const smtp = await startSmtp();
    const mailed = await createMailApp(smtp);
    const { id, email } = await makeUser(mailed.app, { emailVerified: true });
    const signInOnce = async () => {
      const { secret } = await createSignInCode(mailed.app, 'roster', email);
      expect((await signIn(email, secret, mailed)).errors).toBeUndefined();
      await mailed.app.jobs.runDue();
    };
    const data = { lastSignInAt: new Date(0) };
    await mailed.app.db.transaction((tx) => tx.prisma.user.update({ where: { id }, data }));
    await signInOnce();
    expect(smtp.mails).toHaveLength(1); // the notice alone: the code was used before its mail was due
  });
});

/** An address for which there is no code to be known, and how it came to that. */
const strangers: [who: string, () => Promise<string>][] = [
  ['nobody has', async () => newAddress()],
  ['an unverified user has', async () => (await makeUser(t.app)).email],
  ['a verified user has', async () => (await makeUser(t.app, { emailVerified: true, password })).email],
  [
    'a managed user has',
    async () => {
      const { id, email } = await makeUser(t.app, { emailVerified: true });
      await setUserManaged(t.app, 'roster', id, true);
      return email;
    },
  ],
];

describe.each(strangers)('for an address that %s', (_who, make) => {
  /** The answers to all that somebody can ask who does not know the code. */
  test('every answer to whoever does not know the code is the same', async () => {
    const email = await make();
    const answers: unknown[] = [];
    const note = async (answer: ReturnType<typeof signIn>) => {
      const { response, data, errors } = await answer;
      const [error] = errors ?? [];
      answers.push([response.status, data, error?.message.replace(/\d+ seconds/, 'n seconds'), error?.extensions.code]);
    };
    await note(signIn(email, '123456'));
    await note(ask(email) as ReturnType<typeof signIn>);
    await t.app.jobs.runDue();
    await note(ask(email) as ReturnType<typeof signIn>);
    for (let i = 0; i < 6; i += 1) await note(signIn(email, 'wrong!'));
    await expireCodes(t, { emailCanonical: email });
    await note(signIn(email, 'wrong!'));
    const wrong = [200, null, 'The code is not right.', 'INVALID_ONE_TIME_CODE'];
    expect(answers).toEqual([
      wrong,
      [200, { requestSignInCode: true }, undefined, undefined],
      [200, null, 'Too many of these were sent. Try again in n seconds.', 'DAILY_QUOTA_EXCEEDED'],
      ...Array(5).fill(wrong),
      [200, null, 'The code was tried too often. Ask for a new code.', 'ONE_TIME_CODE_TOO_MANY_ATTEMPTS'],
      wrong,
    ]);
  });
});

test('that somebody had a code lately, whether it was used or has expired, only whoever types that one hears', async () => {
  const [used, expired] = [await makeUser(t.app), await makeUser(t.app)];
  const codes = new Map<string, string>();
  for (const { email } of [used, expired]) codes.set(email, (await createSignInCode(t.app, 'roster', email)).secret);
  const code = (email: string) => codes.get(email) ?? '';
  expect(await codeOf(signIn(used.email, code(used.email)))).toBe('done');
  await expireCodes(t, expired);
  const nobodys = await codeOf(signIn(newAddress(), '123456'));
  for (const { email } of [used, expired]) expect(await codeOf(signIn(email, otherThan(code(email))))).toBe(nobodys);
  expect(await codeOf(signIn(used.email, code(used.email)))).toBe('ONE_TIME_CODE_PREVIOUSLY_USED');
  expect(await codeOf(signIn(expired.email, code(expired.email)))).toBe('ONE_TIME_CODE_EXPIRED');
});

test('asking makes no user, and tells an address that is none from others', async () => {
  const email = newAddress();
  await request(email);
  expect(await t.app.db.reader.user.count({ where: { email } })).toBe(0);
  expect(await codeOf(ask('nonsense'))).toBe('INVALID_EMAIL');
});

test('a managed user signs in by no code, also by one of before', async () => {
  const { id, email } = await makeUser(t.app, { emailVerified: true });
  const { secret } = await createSignInCode(t.app, 'roster', email);
  await setUserManaged(t.app, 'roster', id, true);
  expect(await codeOf(signIn(email, secret))).toBe('INVALID_ONE_TIME_CODE');
  await expect(createSignInCode(t.app, 'roster', email)).rejects.toMatchObject({
    code: 'authentication_method_not_allowed',
  });
});

test('of fifty who come with the right code at once, one is in', async () => {
  const { email } = await makeUser(t.app);
  const { secret } = await createSignInCode(t.app, 'roster', email);
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => codeOf(signIn(email, secret))));
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
  expect(await t.app.db.reader.session.count({ where: { user: { email } } })).toBe(1);
});

test('a hundred requests of one caller an hour are answered, whatever the addresses', async () => {
  const limited = await createTestApp({ MAIL: 'off' });
  const outcomes = [];
  for (let i = 0; i < 102; i += 1) outcomes.push(await codeOf(ask(`n${i}@example.com`, limited)));
  expect(outcomes.slice(0, 100)).toEqual(Array(100).fill('done'));
  expect(outcomes.slice(100)).toEqual(['DAILY_QUOTA_EXCEEDED', 'DAILY_QUOTA_EXCEEDED']);
  await limited.close();
});

test('a key without users:credentials neither asks for codes nor signs in by them', async () => {
  const { key } = await t.app.apiKeys.create('weak', ['users:read', 'users:write', 'sessions:read', 'sessions:write']);
  const { email } = await makeUser(t.app);
  const { secret } = await createSignInCode(t.app, 'roster', email);
  expect(await codeOf(t.graphql(Request, { email }, key))).toBe('FORBIDDEN');
  expect(await codeOf(t.graphql(SignIn, { email, code: secret }, key))).toBe('FORBIDDEN');
  expect(await codeOf(t.graphql(SignIn, { email, code: secret }))).toBe('done');
});

test('a request from before the secret was changed is forgotten, and no job of it fails', async () => {
  const { email } = await makeUser(t.app);
  const { secrets } = t.app;
  Object.assign(t.app, { secrets: createSecrets('another secret of thirty-two letters') });
  await ask(email);
  Object.assign(t.app, { secrets });
  await t.app.jobs.runDue();
  expect(await t.app.db.reader.oneTimeCode.count({ where: { email } })).toBe(0);
  expect(await t.app.db.reader.job.count({ where: { kind: 'sign-in-codes.send' } })).toBe(0);
});

test('no line of the log has a code, and the row of the request has no address', async () => {
  const { email } = await makeUser(t.app);
  await ask(email);
  const [job] = await t.app.db.reader.job.findMany({ where: { kind: 'sign-in-codes.send' } });
  expect(JSON.stringify(job)).not.toContain(email);
  await t.app.jobs.runDue();
  const code = await shownCode(t, email);
  await signIn(email, otherThan(code));
  await signIn(email, code);
  expect([t.logged().includes(code), t.logged().includes(otherThan(code))]).toEqual([false, false]);
});
