import { type UnprocessableEntityException, WorkOS } from '@workos-inc/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { WorkOS as WorkOS7 } from 'workos-7';
import { WorkOS as WorkOS11 } from 'workos-11';
import packageJson from '../../package.json' with { type: 'json' };
import { shownCode } from '../support/codes.ts';
import { createWorkOS, useRestServer } from '../support/rest.ts';
import { linkAddresses, newAddress } from '../support/users.ts';

const t = useRestServer({ MAIL: 'off' });
const password = 'wkqzvxmrhtbj';
const nobody = 'user_01E4ZCR3C56J083X43JQXF3JK5';

/** The exact version that is installed under a name: `8.13.0`, or `npm:@workos-inc/node@7.82.0`. */
const versionOf = (name: keyof typeof packageJson.devDependencies) =>
  packageJson.devDependencies[name].split('@').at(-1);

/** The SDKs as they are; of what is used here, their types differ in nothing that matters. */
const versions = [
  [versionOf('workos-7'), WorkOS7 as unknown as typeof WorkOS],
  [versionOf('@workos-inc/node'), WorkOS],
  [versionOf('workos-11'), WorkOS11 as unknown as typeof WorkOS],
] as const;

describe.each(versions)('JavaScript %s', (version, Client) => {
  let users: WorkOS['userManagement'];
  beforeAll(() => {
    users = createWorkOS(t, t.server.key, Client).userManagement;
  });

  /** The name and the message of the error that a call ends with. */
  const refusalOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => expect.fail('it was not refused'),
      (error: UnprocessableEntityException) => `${error.name}: ${error.message}`,
    );

  test('creates, updates, finds, lists and deletes a user', async () => {
    const email = newAddress();
    const externalId = `customer of ${version}`;
    const created = await users.createUser({
      email,
      firstName: 'Ada',
      externalId,
      metadata: { plan: 'pro', seat: '9' },
    });
    const { id } = created;
    const partly = await users.updateUser({ userId: id, lastName: 'Lovelace' });
    expect(partly).toEqual({ ...created, lastName: 'Lovelace', updatedAt: partly.updatedAt });
    const change = { emailVerified: true, firstName: 'Augusta', locale: 'en-GB', password };
    const updated = await users.updateUser({ userId: id, ...change, metadata: { plan: 'team' } });
    const { password: _, ...shown } = change;
    expect(updated).toMatchObject({
      ...shown,
      externalId,
      lastName: 'Lovelace',
      metadata: { plan: 'team', seat: '9' },
    });
    const moved = await users.updateUser({ userId: id, email: `new-${email}` });
    expect(moved).toMatchObject({ email: `new-${email}`, emailVerified: false });
    expect(await users.getUser(id)).toEqual(moved);
    expect(await users.getUserByExternalId(externalId)).toEqual(moved);
    expect((await users.listUsers({ email: moved.email })).data).toEqual([moved]);
    await linkAddresses(t.server.app, id, ['ada@example.com']);
    expect(await users.getUserIdentities(id)).toMatchObject([{ provider: 'GoogleOAuth' }]);
    await users.deleteUser(id);
    expect(await refusalOf(users.getUser(id))).toBe(`NotFoundException: User not found: '${id}'.`);
  });

  test('clears with null', async () => {
    const { id } = await users.createUser({ email: newAddress(), firstName: 'Ada', externalId: `${version} cleared` });
    const nothing = { firstName: null, externalId: null, email: null, password: null } as unknown as object;
    expect(await users.updateUser({ userId: id, ...nothing })).toMatchObject({ firstName: null, externalId: null });
  });

  test('signs in, refreshes, lists and revokes sessions', async () => {
    const { email, id } = await users.createUser({ email: newAddress(), password, emailVerified: true });
    const signedIn = await users.authenticateWithPassword({ email, password, clientId: 'client_any' });
    expect(signedIn.user.id).toBe(id);
    const { refreshToken } = signedIn;
    const next = await users.authenticateWithRefreshToken({ refreshToken, clientId: 'client_any' });
    expect(next.accessToken.split('.')).toHaveLength(3);
    const [session] = (await users.listSessions(id)).data;
    await users.revokeSession({ sessionId: session?.id ?? '' });
    expect((await users.listSessions(id)).data).toEqual([]);
  });

  test('shows each of several problems by its own code, and the only one by its message', async () => {
    const several = { email: 'x', firstName: 7, lastName: 'x'.repeat(256), passwordHash: 'x', externalId: 'é' };
    const message = await refusalOf(users.createUser(several as unknown as { email: string }));
    const codes = [
      ...['invalid_email', 'password_hash_type_required', 'first_name_invalid', 'last_name_too_long'],
      'external_id_invalid',
    ];
    const [title, ...shown] = message.trim().split(/\n\t?/);
    expect([title, shown.map((code) => code.trim()).sort()]).toEqual([
      'UnprocessableEntityException: The following requirements must be met:',
      codes.sort(),
    ]);
    expect(await refusalOf(users.updateUser({ userId: nobody, firstName: 'x'.repeat(256) }))).toBe(
      'UnprocessableEntityException: first_name: At most 255 characters are allowed.',
    );
  });

  test('verifies an address, and signs in by a code', async () => {
    const { id, email } = await users.createUser({ email: newAddress(), password });
    await users.sendVerificationEmail({ userId: id });
    const signIn = users.authenticateWithPassword({ clientId: 'client_any', email, password });
    const error = await signIn.then(
      () => expect.fail('it was not refused'),
      (refusal) => refusal,
    );
    expect(error.message).toContain('Email ownership must be verified before authentication.');
    const { pending_authentication_token, email_verification_id } = error.rawData;
    const { code } = await users.getEmailVerification(email_verification_id);
    const goOn = { clientId: 'client_any', code, pendingAuthenticationToken: pending_authentication_token };
    const gone = await users.authenticateWithEmailVerification(goOn);
    expect([gone.user.id, gone.user.emailVerified, gone.authenticationMethod]).toEqual([id, true, 'Password']);

    const magic = await users.createMagicAuth({ email });
    expect(await users.getMagicAuth(magic.id)).toEqual(magic);
    const entered = await users.authenticateWithMagicAuth({ clientId: 'client_any', code: magic.code, email });
    expect([entered.user.id, entered.authenticationMethod]).toEqual([id, 'MagicAuth']);

    const other = await users.createUser({ email: newAddress() });
    await users.sendVerificationEmail({ userId: other.id });
    const shown = await shownCode(t.server, other.email, 'email_verification');
    const { user } = await users.verifyEmail({ userId: other.id, code: shown });
    expect(user).toMatchObject({ id: other.id, emailVerified: true });
  });

  const codeGrants = ['magic-auth', 'email-verification'].map((kind) => `urn:workos:oauth:grant-type:${kind}:code`);
  const grants = ['password', 'refresh_token', ...codeGrants];

  test('shows an unknown grant once', async () => {
    const code = users.authenticateWithCode({ code: 'x', clientId: 'client_any' });
    expect(await refusalOf(code)).toBe(
      `UnprocessableEntityException: grant_type: Expected one of ${grants.join(', ')}.`,
    );
  });
});
