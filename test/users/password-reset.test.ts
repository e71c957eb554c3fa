import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createToken, holderOf } from '../../src/codes/create.ts';
import { findShown } from '../../src/codes/find.ts';
import { confirmPasswordReset } from '../../src/users/confirm-password-reset.ts';
import { setUserManaged } from '../../src/users/managed.ts';
import { createPasswordReset } from '../../src/users/password-reset.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { expireCodes, mailedTo } from '../support/codes.ts';
import { createMailApp } from '../support/mails.ts';
import { makeSignedIn, password, type SignedIn } from '../support/sessions.ts';
import { startSmtp } from '../support/smtp.ts';
import { dump, linkAddresses, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'log' });
});
afterAll(() => t.close());

const newPassword = 'walnut trumpet glacier mitten';
const anonymous = { kind: 'anonymous', id: '192.0.2.9' } as const;

const Request = 'mutation ($email: EmailAddress!) { requestPasswordReset(email: $email) }';
const Confirm = `mutation ($token: String!, $password: String!) {
  confirmPasswordReset(token: $token, newPassword: $password) {
    id email emailVerified version sessions { id } identities { email }
  }
}`;
const SignIn = `mutation ($email: EmailAddress!, $password: String!) {
  authenticateWithPassword(email: $email, password: $password) { accessToken }
}`;
// biome-ignore lint/suspicious/noExplicitAny: whatever was answered
async function ask(document: string, variables: object, given = t, credentials: string | null = null): Promise<any> {
  const { data, errors } = await given.graphql(document, variables, credentials);
  return errors?.[0]?.extensions ?? data;
}
const confirm = (token: string, given = newPassword) =>
  confirmPasswordReset(t.app, anonymous, { token, newPassword: given });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => error.code,
  );
const isAlive = async ({ accessToken }: SignedIn) => !('code' in (await ask('{ viewer { id } }', {}, t, accessToken)));

/** A token that was mailed before; the limits of mails would let half a minute pass. */
async function tokenOf(id: string): Promise<string> {
  const user = await t.app.db.reader.user.findUniqueOrThrow({ where: { id } });
  return (await t.app.db.transaction((tx) => createToken(t.app, tx, 'password_reset', holderOf(user)))).secret;
}

/** How many links were mailed to a user. A mail that was sent no longer has its address. */
const countResets = ({ id: userId }: { id: string }) =>
  t.app.db.reader.mailMessage.count({ where: { userId, template: 'password-reset' } });

describe('a user', () => {
  test('asks for a link, has it mailed, sets a new password by it, and signs in', async () => {
    const smtp = await startSmtp();
    const mailed = await createMailApp(smtp);
    const { id, email } = await makeUser(mailed.app, { password, emailVerified: true });
    expect(await ask(Request, { email: email.toUpperCase() }, mailed)).toEqual({ requestPasswordReset: true });
    await mailed.app.jobs.runDue();
    expect(smtp.mails.map(({ envelope }) => envelope.to)).toEqual([[email]]);
    const [link = ''] = /https:\/\/app\.example\/reset\?token=[\w-]{43}/.exec(smtp.mails[0]?.text ?? '') ?? [];
    const token = new URL(link).searchParams.get('token') ?? '';
    const answer = await ask(Confirm, { token, password: newPassword }, mailed);
    expect(answer.confirmPasswordReset).toMatchObject({ id, email, emailVerified: true, version: 2 });
    expect(await ask(SignIn, { email, password }, mailed)).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await ask(SignIn, { email, password: newPassword }, mailed)).toHaveProperty('authenticateWithPassword');
    expect((await mailedTo(mailed, email)).map(({ template }) => template).at(-1)).toBe('password-reset-done');
  });

  test('has all sessions ended by that, whatever the setting, also the one that they came with', async () => {
    const given = await createTestApp({ MAIL: 'log', PASSWORD_CHANGE_ENDS_SESSIONS: 'false' });
    onTestFinished(given.close);
    const asking = await makeSignedIn(given);
    const user = await given.app.db.reader.user.findUniqueOrThrow({ where: { id: asking.userId } });
    const make = () => given.app.db.transaction((tx) => createToken(given.app, tx, 'password_reset', holderOf(user)));
    const { secret: token } = await make();
    const answer = await ask(Confirm, { token, password: newPassword }, given, asking.accessToken);
    expect(answer.confirmPasswordReset.sessions).toEqual([]);
    const where = { userId: asking.userId, endedAt: null };
    expect(await given.app.db.reader.session.count({ where })).toBe(0);
  });

  test('gets the first password by it, and keeps identities', async () => {
    const { id, email } = await makeUser(t.app, { emailVerified: true });
    await linkAddresses(t.app, id, ['other@example.com']);
    const { confirmPasswordReset: user } = await ask(Confirm, { token: await tokenOf(id), password: newPassword });
    expect(user.identities).toEqual([{ email: 'other@example.com' }]);
    expect(await ask(SignIn, { email, password: newPassword })).toHaveProperty('authenticateWithPassword');
  });

  test('is verified by it', async () => {
    const { id, email } = await makeUser(t.app);
    const { confirmPasswordReset: user } = await ask(Confirm, { token: await tokenOf(id), password: newPassword });
    expect(user).toMatchObject({ emailVerified: true, version: 2 });
    expect(await ask(SignIn, { email, password: newPassword })).toHaveProperty('authenticateWithPassword');
  });

  test('who is refused a weak password still has the token, and hears at which field', async () => {
    const { id, email } = await makeUser(t.app, { emailVerified: true });
    const token = await tokenOf(id);
    for (const weak of ['short', email, 'x'.repeat(5000)]) {
      const refused = await ask(Confirm, { token, password: weak });
      expect(refused).toMatchObject({ code: 'PASSWORD_RESET_ERROR', field: 'newPassword' });
      expect(refused.issues[0]).toMatchObject({ field: 'newPassword', code: expect.stringMatching(/^PASSWORD_/) });
    }
    expect((await ask(Confirm, { token, password: 'a\u0000b' })).code).toBe('INVALID_REQUEST_PARAMETERS');
    expect(await codeOf(confirm(token))).toBe('done');
  });
});

describe('a token', () => {
  test('counts once, and ends the others', async () => {
    const { id } = await makeUser(t.app);
    const [first, second] = [await tokenOf(id), await tokenOf(id)];
    expect(await codeOf(confirm(first))).toBe('done');
    expect([await codeOf(confirm(first)), await codeOf(confirm(second))]).toEqual([
      'entity_not_found',
      'entity_not_found',
    ]);
  });

  test('of many who come with it at once, one sets the password', async () => {
    const { id } = await makeUser(t.app);
    const token = await tokenOf(id);
    const outcomes = await Promise.all(Array.from({ length: 15 }, () => codeOf(confirm(token))));
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect((await t.app.db.reader.user.findUniqueOrThrow({ where: { id } })).version).toBe(2);
  });

  test('counts for an hour', async () => {
    const { id, email } = await makeUser(t.app);
    const token = await tokenOf(id);
    const { createdAt, expiresAt } = await t.app.db.reader.oneTimeCode.findFirstOrThrow({ where: { userId: id } });
    expect(expiresAt.getTime() - createdAt.getTime()).toBe(3_600_000);
    await expireCodes(t, { emailCanonical: email });
    expect(await codeOf(confirm(token))).toBe('entity_not_found');
  });

  test('counts the new passwords that are tried with it, and those of a session or of another token count for nothing', async () => {
    const { userId, accessToken } = await makeSignedIn(t);
    const [first, second] = [await tokenOf(userId), await tokenOf(userId)];
    const update = `mutation ($id: ID!) { updateUser(id: $id, input: { password: "x", currentPassword: "y" }) { id } }`;
    const limited = { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) };
    for (let i = 0; i < 20; i += 1) await ask(update, { id: userId }, t, accessToken);
    expect(await ask(update, { id: userId }, t, accessToken)).toMatchObject(limited);
    const outcomes = [];
    for (let i = 0; i < 21; i += 1) outcomes.push(await codeOf(confirm(first, 'short')));
    expect(outcomes).toEqual([...Array(20).fill('password_reset_error'), 'rate_limited']);
    expect(await codeOf(confirm(second))).toBe('done');
  });

  test('is of one address, one password, and nobody whom a provider manages', async () => {
    for (const end of [
      (id: string) => updateUser(t.app, 'roster', id, { email: newAddress() }),
      (id: string) => updateUser(t.app, 'roster', id, { password }),
      (id: string) => setUserManaged(t.app, 'roster', id, true),
    ]) {
      const { id } = await makeUser(t.app);
      const token = await tokenOf(id);
      await end(id);
      expect(await codeOf(confirm(token))).toBe('entity_not_found');
    }
  });

  test('is bound to its address even where it had survived a change of it', async () => {
    const { id } = await makeUser(t.app);
    const token = await tokenOf(id);
    const email = newAddress();
    await t.app.db.transaction((tx) =>
      tx.prisma.user.update({ where: { id }, data: { email, emailCanonical: email } }),
    );
    expect(await codeOf(confirm(token))).toBe('entity_not_found');
    expect(await t.app.db.reader.oneTimeCode.count({ where: { userId: id, usedAt: null } })).toBe(1);
  });

  test('is stored as its SHA-256 and sealed; what is sealed goes when it is used', async () => {
    const { id } = await makeUser(t.app);
    const token = await tokenOf(id);
    const where = { userId: id };
    const row = await t.app.db.reader.oneTimeCode.findFirstOrThrow({ where });
    expect(JSON.stringify(row)).not.toContain(token);
    expect(Buffer.from(row.digest, 'base64url')).toHaveLength(32);
    expect((await findShown(t.app, 'password_reset', row.id))?.secret).toBe(token);
    await confirm(token);
    expect((await t.app.db.reader.oneTimeCode.findFirstOrThrow({ where })).sealed).toBeNull();
  });

  test('that there never was is not found', async () => {
    for (const token of ['', 'x', 'a'.repeat(43), '\u0000']) {
      expect(await codeOf(confirm(token))).toBe('entity_not_found');
    }
  });
});

describe('a backend', () => {
  test('has a link mailed, and gets its token', async () => {
    const { id, email } = await makeUser(t.app);
    const { row, secret } = await createPasswordReset(t.app, 'roster', email.toUpperCase());
    expect(row).toMatchObject({ purpose: 'password_reset', userId: id, email });
    expect(await mailedTo(t, email)).toMatchObject([{ template: 'password-reset', token: secret }]);
  });

  test('is told why not', async () => {
    const { id, email } = await makeUser(t.app);
    expect(await codeOf(createPasswordReset(t.app, 'roster', newAddress()))).toBe('entity_not_found');
    expect(await codeOf(createPasswordReset(t.app, 'roster', 'nonsense'))).toBe('invalid_email');
    await setUserManaged(t.app, 'roster', id, true);
    expect(await codeOf(createPasswordReset(t.app, 'roster', email))).toBe('password_reset_not_allowed');
    const other = await makeUser(t.app);
    const outcomes = await Promise.all([1, 2, 3].map(() => codeOf(createPasswordReset(t.app, 'roster', other.email))));
    expect(outcomes.sort()).toEqual(['daily_quota_exceeded', 'daily_quota_exceeded', 'done']);
  });
});

describe('whoever asks without credentials', () => {
  test('does not learn who has an address: known, unknown, unverified and managed are answered alike', async () => {
    const known = await makeUser(t.app, { password, emailVerified: true });
    const unverified = await makeUser(t.app);
    const managed = await makeUser(t.app);
    await setUserManaged(t.app, 'roster', managed.id, true);
    const answers: unknown[] = [];
    for (const email of [known.email, newAddress(), unverified.email, managed.email]) {
      const { response, ...body } = await t.graphql(Request, { email }, null);
      const again = await ask(Request, { email });
      answers.push([response.status, body, again.code]);
    }
    const alike = [200, { data: { requestPasswordReset: true } }, 'DAILY_QUOTA_EXCEEDED'];
    expect(answers).toEqual([alike, alike, alike, alike]);
    expect(await t.app.db.reader.oneTimeCode.count({ where: { userId: known.id } })).toBe(0); // the job does it
    await t.app.jobs.runDue();
    expect(await Promise.all([known, unverified, managed].map(countResets))).toEqual([1, 1, 0]);
    expect(t.logged()).not.toContain(known.email);
  });

  test('has one mail sent, however often and at once they ask', async () => {
    const { id, email } = await makeUser(t.app);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => ask(Request, { email })));
    expect(outcomes.filter(({ requestPasswordReset }) => requestPasswordReset)).toHaveLength(1);
    await t.app.jobs.runDue();
    expect(await countResets({ id })).toBe(1);
  });
});

test('what is refused changes nothing, and no line of the log has a token or a password', async () => {
  const { id } = await makeUser(t.app, { password });
  const token = await tokenOf(id);
  const before = await dump(t.app);
  await ask(Confirm, { token: `${token}x`, password: newPassword });
  await ask(Confirm, { token, password: 'password1' });
  expect(await dump(t.app)).toEqual(before);
  await ask(Confirm, { token, password: newPassword });
  expect([token, newPassword, 'password1'].filter((secret) => t.logged().includes(secret))).toEqual([]);
});

test('a session that was open is of no use after a reset', async () => {
  const signedIn = await makeSignedIn(t);
  expect(await isAlive(signedIn)).toBe(true);
  await confirm(await tokenOf(signedIn.userId));
  expect(await isAlive(signedIn)).toBe(false);
});
