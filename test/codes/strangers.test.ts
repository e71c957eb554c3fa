import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCode, holderOf, type Made } from '../../src/codes/create.ts';
import { findShown } from '../../src/codes/find.ts';
import type { User } from '../../src/db/database.ts';
import type { Principal } from '../../src/principal/principal.ts';
import { describeClient } from '../../src/sessions/client-metadata.ts';
import { confirmPasswordReset } from '../../src/users/confirm-password-reset.ts';
import { confirmEmailVerification, sendEmailVerification } from '../../src/users/email-verification.ts';
import { createPasswordReset, requestPasswordReset } from '../../src/users/password-reset.ts';
import { requestSignInCode } from '../../src/users/requested-sign-in-code.ts';
import { authenticateWithPassword } from '../../src/users/sign-in.ts';
import { createSignInCode } from '../../src/users/sign-in-code.ts';
import { authenticateWithCode } from '../../src/users/sign-in-with-code.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { anybody, codeMailedTo, mailedTo, otherThan } from '../support/codes.ts';
import { password } from '../support/sessions.ts';
import { makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'a@example.com',
    PASSWORD_RESET_URL: 'http://localhost/',
  });
});
afterAll(() => t.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const home = '198.51.100.7';
const from = (network: string): Principal => ({ kind: 'anonymous', id: network });
const clientAt = (network: string) => describeClient(network, null);
const stranger = (n: number) => `203.0.${n % 200}.1`;
const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    ({ code }) => code as string,
  );
const key: Principal = { kind: 'api-key', id: 'key_1', name: 'backend', scopes: ['users:credentials'] };

/** A user who has signed in at home. */
async function makeOwner() {
  const user = await makeUser(t.app, { emailVerified: true, password });
  await authenticateWithPassword(t.app, from(home), { email: user.email, password }, clientAt(home));
  return user;
}

/** Only the jobs that make codes and links: there is no mail server. */
const work = () => t.app.jobs.runDue();

/** Every kind of mail, from ever other networks, as fast as it goes, until nobody who is not known gets any more. */
async function useUpMails(email: string, ask = requestSignInCode): Promise<number> {
  let sent = 0;
  const startedAt = Date.now();
  for (let n = 0; n < 40; n += 1) {
    if ((await outcome(ask(t.app, from(stranger(n)), email))) === 'done') sent += 1;
    await work();
    later(31);
  }
  vi.setSystemTime(startedAt); // the clock of PostgreSQL, by which codes expire, has not gone on
  return sent;
}

/** What is in the mail that was asked for from a network. */
async function newestCodeAskedForAt(network: string, emailCanonical: string): Promise<Made> {
  const { id } = await t.app.db.reader.oneTimeCode.findFirstOrThrow({
    where: { requestedBy: network, emailCanonical },
  });
  const made = await findShown(t.app, 'magic_auth', id);
  if (!made) throw new Error('no code can be used');
  return made;
}

const guess = (email: string, code: string, network: string) =>
  outcome(authenticateWithCode(t.app, from(network), { email, code }, clientAt(network)));

describe('while strangers ask for mails from everywhere', () => {
  test('they get ten of a purpose in an hour, and the owner is sent a code, and signs in by it', async () => {
    const { email } = await makeOwner();
    expect(await useUpMails(email)).toBe(10);
    expect(await outcome(requestSignInCode(t.app, from('192.0.2.200'), email))).toBe('daily_quota_exceeded');
    later(31); // what was asked for before has been mailed, and its job is done
    expect(await outcome(requestSignInCode(t.app, from(home), email))).toBe('done');
    await work();
    const { secret } = await newestCodeAskedForAt(home, email);
    expect(await guess(email, secret, home)).toBe('done');
  });

  test('the owner is sent a link at home, and by a backend, whether or not that says for whom', async () => {
    const { email } = await makeOwner();
    expect((await useUpMails(email, requestPasswordReset)) + (await useUpMails(email))).toBe(12);
    expect(await outcome(requestPasswordReset(t.app, from(home), email))).toBe('done');
    expect(await outcome(createPasswordReset(t.app, key, email, clientAt(home)))).toBe('daily_quota_exceeded'); // a moment ago
    later(31);
    expect(await outcome(createPasswordReset(t.app, key, email, clientAt(home)))).toBe('done');
    expect(await outcome(createPasswordReset(t.app, key, email))).toBe('done');
    expect(await outcome(createSignInCode(t.app, key, email, clientAt('192.0.2.77')))).toBe('done');
  });

  test('a mailbox gets thirty mails in an hour at most, whoever asks', async () => {
    const { id, email } = await makeOwner();
    for (let n = 0; n < 60; n += 1) {
      for (const ask of [requestSignInCode, requestPasswordReset]) {
        for (const network of [home, stranger(n)]) await outcome(ask(t.app, from(network), email));
      }
      await outcome(createSignInCode(t.app, key, email));
      await outcome(createPasswordReset(t.app, key, email));
      await work();
      later(31);
    }
    expect(await t.app.db.reader.oneTimeCode.count({ where: { userId: id } })).toBe(30);
  });

  test('an address that nobody has is answered alike', async () => {
    const answers = [];
    const startedAt = Date.now();
    for (const email of [(await makeOwner()).email, newAddress()]) {
      const given: string[] = [];
      vi.setSystemTime(startedAt);
      for (let n = 0; n < 14; n += 1) {
        given.push(await outcome(requestSignInCode(t.app, from(stranger(n)), email)));
        given.push(await outcome(requestPasswordReset(t.app, from(stranger(n)), email)));
        await work();
        given.push(await guess(email, 'wrong!', stranger(n)), await guess(email, 'wrong!', '192.0.2.3'));
        later(31);
      }
      answers.push(given);
    }
    expect(answers[0]).toEqual(answers[1]);
  });
});

describe('while strangers guess at codes from everywhere', () => {
  /** Guesses until nobody who is not known is let through any more; answers how many were compared. */
  async function useUpGuesses(user: User): Promise<number> {
    for (let compared = 0; ; compared += 1) {
      if (compared % 5 === 0) {
        await t.app.db.transaction((tx) => createCode(t.app, tx, 'magic_auth', holderOf(user), anybody));
      }
      const answer = await guess(user.email, 'wrong!', stranger(compared));
      if (answer === 'rate_limited') return compared;
      expect(answer).toBe('invalid_one_time_code');
    }
  }

  test('the code that the owner has asked for still signs in, at home and where it was asked for', async () => {
    const { email } = await makeOwner();
    for (const network of [home, '192.0.2.50']) {
      await requestSignInCode(t.app, from(network), email);
      await work();
      const code = await codeMailedTo(t, email);
      const outcomes: string[] = [];
      for (let n = 0; n < 8; n += 1) outcomes.push(await guess(email, otherThan(code), stranger(n)));
      expect(outcomes.slice(-2)).toEqual(Array(2).fill('one_time_code_too_many_attempts'));
      expect(await guess(email, otherThan(code), network)).toBe('invalid_one_time_code');
      expect(await guess(email, code, network)).toBe('done');
      later(60);
    }
  });

  test('and what strangers ask for meanwhile does not end it', async () => {
    const { email } = await makeOwner();
    await requestSignInCode(t.app, from(home), email);
    await work();
    const code = await codeMailedTo(t, email);
    for (let n = 0; n < 6; n += 1) {
      await requestSignInCode(t.app, from(stranger(n)), email);
      await work();
      for (let i = 0; i < 6; i += 1) await guess(email, 'wrong!', stranger(n));
      later(31);
    }
    expect(await guess(email, code, home)).toBe('done');
  });

  test('they have eighty in a day, and the owner goes on at home', async () => {
    const owner = await makeOwner();
    const { email } = owner;
    expect(await useUpGuesses(owner)).toBe(80);
    await requestSignInCode(t.app, from(home), email);
    await work();
    expect(await guess(email, await codeMailedTo(t, email), home)).toBe('done');
  });

  test('an owner who comes from elsewhere sets a password by a link that they asked for, or a stranger did, and is known there', async () => {
    const { email } = await makeOwner();
    const elsewhere = '192.0.2.90';
    await useUpMails(email, requestPasswordReset);
    for (let n = 0; n < 120; n += 1) {
      const given = { email, password: 'a guess' };
      await outcome(authenticateWithPassword(t.app, from(stranger(n)), given, clientAt(stranger(n))));
    }
    const signIn = (newPassword: string) =>
      outcome(authenticateWithPassword(t.app, from(elsewhere), { email, password: newPassword }, clientAt(elsewhere)));
    expect(await signIn(password)).toBe('rate_limited');
    const token = (await mailedTo(t, email)).findLast((mail) => mail.token)?.token ?? '';
    const newPassword = 'a purple tractor sings';
    await confirmPasswordReset(t.app, from(elsewhere), { token, newPassword });
    expect(await signIn(newPassword)).toBe('done');
  });
});

test('whoever is signed in verifies their address while strangers ask and guess', async () => {
  const { id, email } = await makeUser(t.app, { password });
  const user: Principal = { kind: 'user', userId: id, sessionId: `session_${id}`, network: '192.0.2.60' };
  await useUpMails(email);
  await sendEmailVerification(t.app, user, id);
  const { code = '' } = (await mailedTo(t, email)).find(({ template }) => template === 'email-verification') ?? {};
  for (let n = 0; n < 8; n += 1) {
    const guessing: Principal = { ...key, id: `key_${n}`, scopes: ['users:write', 'users:credentials'] };
    await outcome(confirmEmailVerification(t.app, guessing, id, otherThan(code)));
  }
  expect(await outcome(confirmEmailVerification(t.app, user, id, code))).toBe('done');
});
