import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCode, createToken, holderOf } from '../../src/codes/create.ts';
import { purposes } from '../../src/codes/purposes.ts';
import type { User } from '../../src/db/database.ts';
import type { CodePurpose } from '../../src/input/ids.ts';
import { confirmEmailChange } from '../../src/users/confirm-email-change.ts';
import { confirmPasswordReset } from '../../src/users/confirm-password-reset.ts';
import { deleteUser } from '../../src/users/delete.ts';
import { confirmEmailVerification } from '../../src/users/email-verification.ts';
import { setUserManaged } from '../../src/users/managed.ts';
import { removePassword } from '../../src/users/remove-password.ts';
import { authenticateWithEmailVerification } from '../../src/users/sign-in-after-verification.ts';
import { authenticateWithCode } from '../../src/users/sign-in-with-code.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { anybody } from '../support/codes.ts';
import { password } from '../support/sessions.ts';
import { linkAddresses, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'off' });
});
afterAll(() => t.close());

const anonymous = { kind: 'anonymous', id: '192.0.2.9' } as const;
const nowhere = { ipAddress: null, userAgent: null };

/** A user with one of everything that can die. */
async function prepare(emailVerified: boolean) {
  const user = await makeUser(t.app, { emailVerified, password });
  await linkAddresses(t.app, user.id, [user.email, 'other@example.com']);
  const now = new Date();
  const times = { createdAt: now, updatedAt: now, expiresAt: new Date(now.getTime() + 3_600_000) };
  return t.app.db.transaction(async (tx) => {
    const session = { id: `session_${user.id}`, userId: user.id, authMethod: 'password' };
    await tx.prisma.session.create({ data: { ...session, ...times } });
    const secrets = {} as Record<CodePurpose, string>;
    for (const [purpose, { form }] of Object.entries(purposes) as [CodePurpose, { form: string }][]) {
      const make = (form === 'code' ? createCode : createToken) as typeof createCode;
      secrets[purpose] = (await make(t.app, tx, purpose as 'magic_auth', holderOf(user), anybody)).secret;
    }
    return { user, secrets };
  });
}
type Prepared = Awaited<ReturnType<typeof prepare>>;

/**
 * What of it is of use afterwards, a letter each: verification code, sign-in code, reset link, pending change and its approval,
 * sign-in that waits; Session, the two Identities (matching, other), Password.
 */
async function survivors({ user: { id } }: Prepared): Promise<string> {
  const { reader } = t.app.db;
  const codes = await reader.oneTimeCode.findMany({ where: { userId: id, usedAt: null, endedAt: null } });
  const isLive = (purpose: CodePurpose) => codes.some((code) => code.purpose === purpose);
  const session = await reader.session.count({ where: { id: `session_${id}`, endedAt: null } });
  const identities = await reader.identity.findMany({ where: { userId: id } });
  const other = identities.some(({ email }) => email === 'other@example.com');
  const letters: [string, boolean][] = [
    ['v', isLive('email_verification')],
    ['m', isLive('magic_auth')],
    ['r', isLive('password_reset')],
    ['c', isLive('email_change')],
    ['a', isLive('email_change_approval')],
    ['w', isLive('pending_authentication')],
    ['S', session > 0],
    ['I', identities.length > (other ? 1 : 0)],
    ['O', other],
    ['P', (await reader.password.count({ where: { userId: id } })) > 0],
  ];
  return letters.map(([letter, lives]) => (lives ? letter : '-')).join('');
}

const byCode = ({ user, secrets }: Prepared) =>
  authenticateWithCode(t.app, anonymous, { email: user.email, code: secrets.magic_auth }, nowhere);
const byVerification = ({ secrets }: Prepared) => {
  const given = { code: secrets.email_verification, pendingAuthenticationToken: secrets.pending_authentication };
  return authenticateWithEmailVerification(t.app, anonymous, given, nowhere);
};
const update =
  (input: object) =>
  ({ user }: Prepared) =>
    updateUser(t.app, 'roster', user.id, input);
const confirm = ({ user, secrets }: Prepared) =>
  confirmEmailVerification(t.app, 'roster', user.id, secrets.email_verification);

const newPassword = 'walnut trumpet glacier mitten';
const hash = { passwordHash: '{SSHA}MTIzNDU2Nzg5MDEyMzQ1Njc4OTBzYWx0', passwordHashType: 'ssha' };

const byChange = ({ user, secrets }: Prepared) => confirmEmailChange(t.app, 'roster', user.id, secrets.email_change);
const byReset = ({ secrets }: Prepared) =>
  confirmPasswordReset(t.app, anonymous, { token: secrets.password_reset, newPassword });
/** The change itself is to the user's own address in `prepare`; here it is to another. */
async function toAnother({ user }: Prepared): Promise<void> {
  const email = newAddress();
  const where = { userId: user.id, purpose: 'email_change' };
  const data = { email, emailCanonical: email };
  await t.app.db.transaction(async (tx) => {
    await tx.prisma.oneTimeCode.updateMany({ where, data });
    await tx.prisma.oneTimeCode.deleteMany({ where: { userId: user.id, purpose: 'email_change_approval' } });
  });
}

interface Cause {
  readonly cause: string;
  readonly isVerified?: boolean;
  readonly act: (prepared: Prepared) => Promise<unknown>;
  readonly survives: string;
}

/** Every cause, and what survives it. A line that is added for a flow goes through all of it. */
const causes: Cause[] = [
  { cause: 'another address', act: (p) => update({ email: newAddress() })(p), survives: '---------P' },
  {
    cause: 'another address, verified',
    act: (p) => update({ email: newAddress(), emailVerified: true })(p),
    survives: '---------P',
  },
  {
    cause: 'the address in another case',
    act: (p) => update({ email: p.user.email.toUpperCase() })(p),
    survives: 'vmrcawSIOP',
  },
  { cause: 'a new password', act: update({ password: newPassword }), survives: 'v------IOP' },
  { cause: 'an imported hash', act: update(hash), survives: 'v------IOP' },
  {
    cause: 'the end of the password',
    act: ({ user }) => removePassword(t.app, 'roster', user.id),
    survives: 'v------IO-',
  },
  { cause: 'an address that a backend verifies', act: update({ emailVerified: true }), survives: '-mrcawSIOP' },
  { cause: 'a verification code', act: confirm, survives: '-mrcawSIOP' },
  { cause: 'a sign-in that waited for its code', act: byVerification, survives: '-mrca-SIOP' },
  { cause: 'the first sign-in by a code', act: byCode, survives: '-------I--' },
  { cause: 'a later sign-in by a code', isVerified: true, act: byCode, survives: '--rcawSIOP' },
  {
    cause: 'a change of address that its code confirms',
    act: async (p) => {
      await toAnother(p);
      await byChange(p);
    },
    survives: '---------P',
  },
  { cause: 'a reset at a verified address', isVerified: true, act: byReset, survives: 'v------IOP' },
  { cause: 'a reset that is the first proof of the mailbox', act: byReset, survives: '-------I-P' },
  {
    cause: 'an identity provider that takes over',
    act: ({ user }) => setUserManaged(t.app, 'roster', user.id, true),
    survives: '---------P',
  },
  {
    cause: 'its end',
    act: async (p) => {
      await t.app.db.transaction((tx) => tx.prisma.user.update({ where: { id: p.user.id }, data: { managed: true } }));
      await setUserManaged(t.app, 'roster', p.user.id, false);
    },
    survives: 'vmrcawSIOP',
  },
  { cause: 'the end of the user', act: ({ user }) => deleteUser(t.app, 'roster', user.id), survives: '----------' },
  {
    cause: 'names, metadata, locale and external id',
    act: (p) =>
      update({
        firstName: 'Ada',
        lastName: null,
        name: 'A',
        metadata: { a: '1' },
        locale: 'de',
        externalId: p.user.id,
      })(p),
    survives: 'vmrcawSIOP',
  },
  { cause: 'nothing', act: update({}), survives: 'vmrcawSIOP' },
];

describe('what dies when', () => {
  test.each(causes)('by $cause', async ({ act, isVerified = false, survives }) => {
    const prepared = await prepare(isVerified);
    expect(await survivors(prepared)).toBe('vmrcawSIOP');
    await act(prepared);
    expect(await survivors(prepared)).toBe(survives);
    const where = { userId: prepared.user.id, OR: [{ usedAt: { not: null } }, { endedAt: { not: null } }] };
    const dead = await t.app.db.reader.oneTimeCode.findMany({ where });
    expect(dead.filter(({ sealed }) => sealed !== null)).toEqual([]); // and is erased
  });

  test('with a refused cause dies nothing', async () => {
    const prepared = await prepare(false);
    const { email } = await makeUser(t.app);
    await expect(update({ email, password: newPassword })(prepared)).rejects.toThrow();
    await expect(update({ password: newPassword, locale: '?' })(prepared)).rejects.toThrow();
    expect(await survivors(prepared)).toBe('vmrcawSIOP');
  });
});

test('of others nothing dies', async () => {
  const [prepared, other] = [await prepare(false), await prepare(false)];
  for (const { act } of causes.filter(({ isVerified }) => !isVerified).slice(0, 2)) await act(prepared);
  const untouched: User = await t.app.db.reader.user.findUniqueOrThrow({ where: { id: other.user.id } });
  expect([await survivors(other), untouched.version]).toEqual(['vmrcawSIOP', 3]);
});
