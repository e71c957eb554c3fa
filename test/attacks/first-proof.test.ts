import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCode, createToken, holderOf } from '../../src/codes/create.ts';
import { findToken } from '../../src/codes/use.ts';
import { confirmEmailChange } from '../../src/users/confirm-email-change.ts';
import { confirmPasswordReset } from '../../src/users/confirm-password-reset.ts';
import { confirmEmailVerification, sendEmailVerification } from '../../src/users/email-verification.ts';
import { linkIdentity } from '../../src/users/identities.ts';
import { createPasswordReset } from '../../src/users/password-reset.ts';
import { createSignInCode } from '../../src/users/sign-in-code.ts';
import { authenticateWithCode } from '../../src/users/sign-in-with-code.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { anybody, shownCode } from '../support/codes.ts';
import { password, signIn } from '../support/sessions.ts';
import { linkAddresses, makeUser } from '../support/users.ts';

/**
 * Somebody registers the address of another, and prepares what outlives the arrival of its owner ("pre-hijacking", Sudhodanan and
 * Paverd, USENIX Security 2022). Then the owner proves the mailbox.
 */
let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'off' });
});
afterAll(() => t.close());

const imported = { passwordHash: '{SSHA}MTIzNDU2Nzg5MDEyMzQ1Njc4OTBzYWx0', passwordHashType: 'ssha' };
const anonymous = { kind: 'anonymous', id: '192.0.2.9' } as const;
const nowhere = { ipAddress: null, userAgent: null };

/** The attacker's account: a password, a session, identities of theirs and without address, and a link that would set the password. */
async function prepare(credentials: Record<string, unknown> = { password }) {
  const user = await makeUser(t.app, credentials);
  await linkAddresses(t.app, user.id, ['attacker@example.com', null]);
  const own = { provider: 'GoogleOAuth', idpId: `own-${user.id}`, email: user.email };
  await linkIdentity(t.app, 'roster', user.id, own, { keepCredentials: true });
  const now = new Date();
  const session = { id: `session_${user.id}`, userId: user.id, authMethod: 'password', createdAt: now, updatedAt: now };
  const reset = await t.app.db.transaction(async (tx) => {
    await tx.prisma.session.create({ data: { ...session, expiresAt: new Date(now.getTime() + 3_600_000) } });
    return createToken(t.app, tx, 'password_reset', holderOf(user));
  });
  return { ...user, resetToken: reset.secret };
}
type Victim = Awaited<ReturnType<typeof prepare>>;

/** What of it is still there. */
async function left({ id, resetToken }: Victim) {
  const { reader } = t.app.db;
  const identities = await reader.identity.findMany({ where: { userId: id }, orderBy: { id: 'asc' } });
  return {
    password: (await reader.password.count({ where: { userId: id } })) > 0,
    session: (await reader.session.count({ where: { id: `session_${id}`, endedAt: null } })) > 0,
    identities: identities.map(({ email }) => email),
    reset: (await t.app.db.transaction((tx) => findToken(t.app, tx, 'password_reset', resetToken))) !== null,
    verified: (await reader.user.findUniqueOrThrow({ where: { id } })).emailVerified,
  };
}

const enterByCode = async ({ email }: Victim) => {
  const { secret: code } = await createSignInCode(t.app, 'roster', email);
  return authenticateWithCode(t.app, anonymous, { email, code }, nowhere);
};

describe('the owner comes by a sign-in code', () => {
  test('the attacker’s password, session, identities and link are dead', async () => {
    const victim = await prepare();
    const { session } = await enterByCode(victim);
    const nothing = { password: false, session: false, identities: [victim.email], reset: false, verified: true };
    expect(await left(victim)).toEqual(nothing);
    await expect(signIn(t, victim.email)).rejects.toThrow('INVALID_CREDENTIALS');
    expect((await t.app.db.reader.session.findUniqueOrThrow({ where: { id: session.id } })).endedAt).toBeNull();
  });

  test('a hash that a backend imported stays, also once it was replaced by a fresh one', async () => {
    const victim = await prepare(imported);
    await t.app.db.transaction((tx) =>
      tx.prisma.password.update({ where: { userId: victim.id }, data: { type: 'argon2' } }),
    );
    await enterByCode(victim);
    expect(await left(victim)).toMatchObject({ password: true, session: false, identities: [victim.email] });
  });

  test('a second time, and where the address was verified before, nothing goes', async () => {
    const victim = await prepare({ password, emailVerified: true });
    await enterByCode(victim);
    const all = ['attacker@example.com', null, victim.email];
    expect(await left(victim)).toMatchObject({ password: true, session: true, identities: all, reset: true });
  });
});

describe('the owner comes by a reset', () => {
  const newPassword = 'walnut trumpet glacier mitten';
  const resetBy = async ({ email }: Victim) => {
    const { secret: token } = await createPasswordReset(t.app, 'roster', email);
    return confirmPasswordReset(t.app, anonymous, { token, newPassword });
  };

  test('the attacker’s password, session, identities, link and pending change are dead', async () => {
    const victim = await prepare();
    const holder = { userId: victim.id, email: 'attacker@example.com', emailCanonical: 'attacker@example.com' };
    const change = await t.app.db.transaction((tx) => createCode(t.app, tx, 'email_change', holder, anybody));
    await resetBy(victim);
    const theirs = { password: true, session: false, identities: [victim.email], reset: false, verified: true };
    expect(await left(victim)).toEqual(theirs);
    await expect(signIn(t, victim.email)).rejects.toThrow('INVALID_CREDENTIALS');
    await expect(confirmEmailChange(t.app, 'roster', victim.id, change.secret)).rejects.toThrow();
  });

  test('where the address was verified before, identities stay, and sessions end', async () => {
    const victim = await prepare({ password, emailVerified: true });
    await resetBy(victim);
    const all = ['attacker@example.com', null, victim.email];
    expect(await left(victim)).toMatchObject({ password: true, session: false, identities: all, reset: false });
  });
});

test('the owner confirms by a key, knowing the password: password, sessions and identities stay', async () => {
  const victim = await prepare();
  await sendEmailVerification(t.app, 'roster', victim.id);
  await confirmEmailVerification(t.app, 'roster', victim.id, await shownCode(t, victim.email, 'email_verification'));
  const all = ['attacker@example.com', null, victim.email];
  expect(await left(victim)).toEqual({ password: true, session: true, identities: all, reset: true, verified: true });
});

describe('the owner comes by a provider, whose identity is linked', () => {
  const account = (email: string | null) => ({ provider: 'AppleOAuth' as const, idpId: `apple ${email}`, email });

  test('the attacker’s password no longer signs in, and the address is not verified by that', async () => {
    const victim = await prepare();
    await linkIdentity(t.app, 'roster', victim.id, account(victim.email.toUpperCase()));
    expect(await left(victim)).toMatchObject({ password: false, session: false, reset: false, verified: false });
    expect((await left(victim)).identities).toEqual([victim.email, victim.email.toUpperCase()]);
    await expect(signIn(t, victim.email)).rejects.toThrow('INVALID_CREDENTIALS');
  });

  test.each([
    ['the caller says that they are the same person', {}, { keepCredentials: true }],
    ['the password was imported', imported, {}],
  ])('the password stays where %s', async (_why, credentials, options) => {
    const victim = await prepare({
      password,
      ...('passwordHash' in credentials ? { password: undefined } : {}),
      ...credentials,
    });
    await linkIdentity(t.app, 'roster', victim.id, account(victim.email), options);
    expect(await left(victim)).toMatchObject({ password: true, session: 'keepCredentials' in options });
  });

  test('everything stays where the identity has another address, or the address is verified', async () => {
    const [victim, verified] = [await prepare(), await prepare({ password, emailVerified: true })];
    await linkIdentity(t.app, 'roster', victim.id, account('other@example.com'));
    await linkIdentity(t.app, 'roster', verified.id, account(verified.email));
    expect(await left(victim)).toMatchObject({ password: true, session: true, reset: true });
    expect(await left(verified)).toMatchObject({ password: true, session: true, reset: true });
  });
});
