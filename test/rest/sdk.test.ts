import {
  BadRequestException,
  GenericServerException,
  NotFoundException,
  OauthException,
  RateLimitExceededException,
  UnauthorizedException,
  UnprocessableEntityException,
} from '@workos-inc/node';
import { describe, expect, test } from 'vitest';
import { passwordHashTypes } from '../../src/passwords/stored-password.ts';
import foreignVectors from '../passwords/vectors.json' with { type: 'json' };
import { createWorkOS, useRestServer } from '../support/rest.ts';
import { linkAddresses, newAddress } from '../support/users.ts';

const t = useRestServer({ SIGN_IN_FAILURES_PER_ADDRESS: '3' });
const users = () => t.workos.userManagement;
const passphrase = 'wkqzvxmrhtbj';
const unknownId = 'user_01E4ZCR3C56J083X43JQXF3JK5';

/** The error that a call ends with. */
async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error,
  );
}

describe('a user', () => {
  test('is created and read back, by id and by external id', async () => {
    const email = newAddress();
    const created = await users().createUser({
      email,
      firstName: 'Marcelina',
      lastName: 'Davis',
      emailVerified: true,
      externalId: 'customer-1',
      metadata: { plan: 'pro' },
    });
    expect(created).toEqual({
      object: 'user',
      id: expect.stringMatching(/^user_[0-9A-Z]{26}$/),
      email,
      emailVerified: true,
      firstName: 'Marcelina',
      lastName: 'Davis',
      profilePictureUrl: null,
      lastSignInAt: null,
      locale: null,
      externalId: 'customer-1',
      metadata: { plan: 'pro' },
      createdAt: expect.any(String),
      updatedAt: created.createdAt,
    });
    expect(await users().getUser(created.id)).toEqual(created);
    expect(await users().getUserByExternalId('customer-1')).toEqual(created);
  });

  test('is deleted', async () => {
    const { id } = await users().createUser({ email: newAddress() });
    await users().deleteUser(id);
    expect(await refusalOf(users().getUser(id))).toBeInstanceOf(NotFoundException);
  });

  test('shows its identities', async () => {
    const { id } = await users().createUser({ email: newAddress() });
    await linkAddresses(t.server.app, id, ['ada@example.com', null]);
    expect(await users().getUserIdentities(id)).toEqual([
      { idpId: `${id}-0`, type: 'OAuth', provider: 'GoogleOAuth' },
      { idpId: `${id}-1`, type: 'OAuth', provider: 'GithubOAuth' },
    ]);
  });
});

describe('an update', () => {
  const everything = {
    email: 'every@parameter.example.com',
    emailVerified: true,
    firstName: 'Ada',
    lastName: 'Lovelace',
    externalId: 'every-parameter',
    locale: 'en-GB',
    metadata: { plan: 'team' },
  };

  test('takes every parameter', async () => {
    const { id } = await users().createUser({ email: newAddress() });
    const updated = await users().updateUser({ userId: id, ...everything, password: passphrase });
    expect(updated).toMatchObject({ id, ...everything });
    expect(updated.updatedAt > updated.createdAt).toBe(true);
    const { user } = await users().authenticateWithPassword({ email: everything.email, password: passphrase });
    expect(user.id).toBe(id);
  });

  test.each([
    { firstName: 'Grace' },
    { lastName: 'Hopper' },
    { locale: 'de-DE' },
    { externalId: 'another' },
    { emailVerified: true },
  ])('of $0 alone leaves all else as it was', async (change) => {
    const { email: _, ...fields } = everything;
    const externalId = `partial-${Math.random()}`;
    const before = await users().createUser({ email: newAddress(), ...fields, emailVerified: false, externalId });
    const after = await users().updateUser({ userId: before.id, ...change });
    expect(after).toEqual({ ...before, ...change, updatedAt: after.updatedAt });
    expect(after.updatedAt > before.updatedAt).toBe(true);
  });

  test('of nothing changes nothing', async () => {
    const before = await users().createUser({ email: newAddress() });
    expect(await users().updateUser({ userId: before.id })).toEqual(before);
  });

  test('of the email takes the verification and the identities of the old address away', async () => {
    const email = newAddress();
    const { id } = await users().createUser({ email, emailVerified: true });
    await linkAddresses(t.server.app, id, [email, 'new@change.example.com']);
    const updated = await users().updateUser({ userId: id, email: 'New@change.example.com' });
    expect(updated).toMatchObject({ email: 'New@change.example.com', emailVerified: false });
    expect(await users().getUserIdentities(id)).toMatchObject([{ idpId: `${id}-1` }]);
  });

  test('merges metadata, deletes a key with null, and everything with {}', async () => {
    const { id } = await users().createUser({ email: newAddress(), metadata: { plan: 'pro', seat: '9' } });
    const update = async (metadata: Record<string, string | null>) =>
      (await users().updateUser({ userId: id, metadata: metadata as Record<string, string> })).metadata;
    expect(await update({ team: 'math' })).toEqual({ plan: 'pro', seat: '9', team: 'math' });
    expect(await update({ seat: null, plan: '' })).toEqual({ plan: '', team: 'math' });
    expect(await update({})).toEqual({});
  });

  test('clears an external id and a locale with null', async () => {
    const { id } = await users().createUser({ email: newAddress(), externalId: 'to be cleared' });
    const nothing = { externalId: null, locale: null } as unknown as object; // the API takes null, the SDK's types do not
    const updated = await users().updateUser({ userId: id, ...nothing });
    expect(updated).toMatchObject({ externalId: null, locale: null });
  });
});

describe('authenticateWithPassword', () => {
  test('answers the user and how they signed in, and stamps the sign-in', async () => {
    const email = newAddress();
    const created = await users().createUser({ email, password: passphrase, emailVerified: true });
    const answer = await users().authenticateWithPassword({ email: email.toUpperCase(), password: passphrase });
    const { lastSignInAt } = answer.user;
    expect(answer).toMatchObject({ user: { ...created, lastSignInAt }, authenticationMethod: 'Password' });
    expect(answer.accessToken.split('.')).toHaveLength(3);
    expect(answer.refreshToken).toMatch(/^rt_/);
    expect(lastSignInAt).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect((await users().getUser(created.id)).lastSignInAt).toBe(lastSignInAt);
  });

  test.each(passwordHashTypes)('works after an update with a hash of type %s', async (type) => {
    const vector = foreignVectors.find((candidate) => candidate.type === type && candidate.saltPosition !== 'prefix');
    if (!vector) throw new Error(`no vector of type ${type}`);
    const email = newAddress();
    const { id } = await users().createUser({ email, emailVerified: true });
    await users().updateUser({ userId: id, passwordHash: vector.hash, passwordHashType: type as 'bcrypt' });
    const { user } = await users().authenticateWithPassword({ email, password: vector.password });
    expect(user.id).toBe(id);
  });
});

describe('sessions', () => {
  async function signIn(times = 1) {
    const email = newAddress();
    const { id } = await users().createUser({ email, password: passphrase, emailVerified: true });
    const answers = [];
    for (let i = 0; i < times; i += 1) {
      answers.push(await users().authenticateWithPassword({ email, password: passphrase, ...device }));
    }
    return { id, answers, refreshToken: answers[0]?.refreshToken ?? '' };
  }
  const device = { ipAddress: '203.0.113.42', userAgent: 'Browser/1.0' };
  const refresh = (refreshToken: string) =>
    users().authenticateWithRefreshToken({ refreshToken, clientId: 'client_any', ...device });

  test('go on with a refresh token, which counts once', async () => {
    const { id, refreshToken } = await signIn();
    const next = await refresh(refreshToken);
    expect(next.user.id).toBe(id);
    expect(next).toMatchObject({ authenticationMethod: 'Password', accessToken: expect.any(String) });
    const again = await refresh(next.refreshToken);
    for (const token of [refreshToken, again.refreshToken, 'rt_unknown']) {
      const error = await refusalOf(refresh(token));
      expect(error).toBeInstanceOf(OauthException);
      expect(error).toMatchObject({ status: 400, error: 'invalid_grant', errorDescription: expect.any(String) });
    }
    expect((await users().listSessions(id)).data).toEqual([]);
  });

  test('are listed with all that is known of them, and no longer once revoked', async () => {
    const { id } = await signIn();
    const [session] = (await users().listSessions(id)).data;
    expect(session).toEqual({
      object: 'session',
      id: expect.stringMatching(/^session_[0-9A-Z]{26}$/),
      userId: id,
      ...device,
      authMethod: 'password',
      status: 'active',
      expiresAt: expect.stringMatching(/Z$/),
      endedAt: null,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: session?.createdAt,
    });
    await users().revokeSession({ sessionId: session?.id ?? '' });
    await users().revokeSession({ sessionId: session?.id ?? '' });
    expect((await users().listSessions(id)).data).toEqual([]);
  });

  test('are paged through, newest first, in both directions', async () => {
    const { id } = await signIn(12);
    await signIn(); // of another user, whose session is in no page
    const first = await users().listSessions(id);
    expect(first.data).toHaveLength(10);
    const ids = (await first.autoPagination()).map((session) => session.id);
    expect(ids).toHaveLength(12);
    expect(ids).toEqual([...ids].sort().reverse());
    const oldest = await users().listSessions(id, { order: 'asc', limit: 5 });
    expect(oldest.data.map((session) => session.id)).toEqual(ids.slice(-5).reverse());
    const back = await users().listSessions(id, { limit: 2, before: ids[4] as string });
    expect(back.data.map((session) => session.id)).toEqual(ids.slice(2, 4));
  });

  test('of nobody are refused, and a cursor of somebody else is a place that shows nothing of them', async () => {
    const [one, other] = [await signIn(), await signIn()];
    const [[older], [newer]] = [(await users().listSessions(one.id)).data, (await users().listSessions(other.id)).data];
    expect(await refusalOf(users().listSessions(unknownId))).toBeInstanceOf(NotFoundException);
    expect((await users().listSessions(one.id, { after: newer?.id ?? '' })).data).toEqual([older]);
    expect((await users().listSessions(one.id, { before: newer?.id ?? '' })).data).toEqual([]);
    expect(await refusalOf(users().listSessions(one.id, { after: one.id }))).toMatchObject({
      constructor: UnprocessableEntityException,
      message: 'after: Expected an id that begins with session_.',
    });
    expect(await refusalOf(users().revokeSession({ sessionId: 'session_x' }))).toBeInstanceOf(NotFoundException);
  });
});

describe('the list', () => {
  test('pages through all users, newest first, until there is no more', async () => {
    const made = [];
    for (let i = 0; i < 230; i += 1) made.push(await users().createUser({ email: newAddress() }));
    t.exchanges.length = 0;
    const list = await users().listUsers();
    expect(list.data).toHaveLength(10);
    expect(list.listMetadata).toEqual({ before: null, after: list.data[9]?.id });
    const all = await list.autoPagination();
    expect(t.exchanges.length).toBeGreaterThanOrEqual(4); // a first page of 10, then three or more of up to 100
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(ids.slice(0, 230)).toEqual(made.map(({ id }) => id).reverse());
  });

  test('goes on where the users of a page are deleted before the next is asked for', async () => {
    const made = [];
    for (let i = 0; i < 7; i += 1) made.push((await users().createUser({ email: newAddress() })).id);
    const seen = [];
    let page = await users().listUsers({ limit: 2 });
    while (seen.length < 7) {
      for (const { id } of page.data) {
        seen.push(id);
        await users().deleteUser(id);
      }
      page = await users().listUsers({ limit: 2, after: page.listMetadata.after as string });
    }
    expect(seen.slice(0, 7)).toEqual(made.reverse());
  });

  test('is in both orders and goes back with before', async () => {
    const newest = await users().listUsers({ limit: 3 });
    const next = await users().listUsers({ limit: 3, after: newest.listMetadata.after as string });
    const back = await users().listUsers({ limit: 3, before: next.listMetadata.before as string });
    expect(back.data).toEqual(newest.data);
    expect(back.listMetadata).toEqual(newest.listMetadata);
    const oldest = await users().listUsers({ limit: 100, order: 'asc' });
    expect(oldest.data.map(({ id }) => id)).toEqual(oldest.data.map(({ id }) => id).sort());
  });

  test('finds one address in any case', async () => {
    const created = await users().createUser({ email: newAddress() });
    const { data, listMetadata } = await users().listUsers({ email: ` ${created.email.toUpperCase()} ` });
    expect(data).toEqual([created]);
    expect(listMetadata).toEqual({ before: null, after: null });
  });
});

describe("the SDK's exceptions", () => {
  test('NotFound, with the id', async () => {
    const error = await refusalOf(users().updateUser({ userId: unknownId, firstName: 'Ada' }));
    expect(error).toBeInstanceOf(NotFoundException);
    expect(error).toMatchObject({ code: 'entity_not_found', message: `User not found: '${unknownId}'.` });
    expect(t.exchanges.at(-1)?.body).toHaveProperty('entity_id', unknownId);
    expect(await refusalOf(users().getUser(unknownId))).toBeInstanceOf(NotFoundException);
    expect(await refusalOf(users().getUserByExternalId('nobody'))).toBeInstanceOf(NotFoundException);
    expect(await refusalOf(users().deleteUser(unknownId))).toBeInstanceOf(NotFoundException);
    expect(await refusalOf(users().getUserIdentities(unknownId))).toBeInstanceOf(NotFoundException);
  });

  test('Unauthorized, also for a sign-in', async () => {
    const stranger = createWorkOS(t, `sk_${'x'.repeat(43)}`).userManagement;
    expect(await refusalOf(stranger.getUser(unknownId))).toBeInstanceOf(UnauthorizedException);
    const credentials = { email: 'ada@example.com', password: passphrase };
    expect(await refusalOf(stranger.authenticateWithPassword(credentials))).toBeInstanceOf(UnauthorizedException);
  });

  test('BadRequest with every problem of a password', async () => {
    const error = await refusalOf(users().createUser({ email: newAddress(), password: 'short' }));
    expect(error).toBeInstanceOf(BadRequestException);
    expect(error).toMatchObject({
      code: 'password_strength_error',
      errors: [
        { code: 'password_too_short', field: 'password', minimum_length: 10 },
        { code: 'password_too_weak', field: 'password', suggestions: expect.any(Array) },
      ],
    });
  });

  test('BadRequest for a taken address or external id on create', async () => {
    const { email } = await users().createUser({ email: newAddress(), externalId: 'taken' });
    expect(await refusalOf(users().createUser({ email }))).toMatchObject({
      constructor: BadRequestException,
      code: 'user_creation_error',
      message: 'Could not create user.',
      errors: [{ code: 'email_not_available', message: 'This email is not available.', field: 'email' }],
    });
    expect(await refusalOf(users().createUser({ email: newAddress(), externalId: 'taken' }))).toMatchObject({
      constructor: BadRequestException,
      errors: [{ code: 'external_id_already_used', field: 'external_id' }],
    });
  });

  test('GenericServer where there is one problem with a code of its own', async () => {
    const { email } = await users().createUser({ email: newAddress(), externalId: 'used' });
    const { id } = await users().createUser({ email: newAddress(), emailVerified: true });
    const refused = async (change: object) => {
      const error = await refusalOf(users().updateUser({ userId: id, ...change }));
      expect(error).toBeInstanceOf(GenericServerException);
      expect(error).toMatchObject({ status: 400 });
      const { rawData, message } = error as GenericServerException;
      expect(rawData).toEqual({ code: expect.any(String), message });
      return [(rawData as { code: string }).code, message];
    };
    expect(await refused({ email })).toEqual(['email_not_available', 'This email is not available.']);
    expect(await refused({ emailVerified: false })).toEqual([
      'email_already_verified',
      'The user email has already been verified and cannot be unverified.',
    ]);
    const codes = await Promise.all([
      refused({ email: 'no address' }),
      refused({ externalId: 'used' }),
      refused({ locale: 'en_US' }),
      refused({ metadata: { key: 7 } }),
      refused({ passwordHash: 'nonsense', passwordHashType: 'bcrypt' }),
      refused({ password: passphrase, passwordHash: 'x', passwordHashType: 'bcrypt' }),
      refused({ password: passphrase, passwordHashType: 'bcrypt' }),
    ]);
    expect(codes.map(([code]) => code)).toEqual([
      'invalid_email',
      'external_id_already_used',
      'invalid_locale',
      'invalid_metadata',
      'invalid_password_hash',
      'password_and_password_hash_provided',
      'password_and_password_hash_type_provided',
    ]);
  });

  test('UnprocessableEntity whose message names the field', async () => {
    const { id } = await users().createUser({ email: newAddress() });
    const error = await refusalOf(users().updateUser({ userId: id, firstName: 'x'.repeat(256) }));
    expect(error).toBeInstanceOf(UnprocessableEntityException);
    expect(error).toMatchObject({
      code: 'invalid_request_parameters',
      message: 'first_name: At most 255 characters are allowed.',
    });
    expect(await refusalOf(users().listUsers({ limit: 101 }))).toMatchObject({
      constructor: UnprocessableEntityException,
      message: 'limit: Expected a whole number from 1 to 100.',
    });
    expect(await refusalOf(users().listUsers({ after: 'nobody' }))).toMatchObject({
      constructor: UnprocessableEntityException,
      message: 'after: Expected an id that begins with user_.',
    });
  });

  test('GenericServer for wrong credentials, then RateLimitExceeded with the time to wait', async () => {
    const email = newAddress();
    await users().createUser({ email, password: passphrase, emailVerified: true });
    const attempts = [];
    for (let i = 0; i < 5; i += 1) {
      attempts.push(
        await refusalOf(users().authenticateWithPassword({ email, password: 'wrong', ipAddress: '192.0.2.1' })),
      );
    }
    expect(attempts[0]).toBeInstanceOf(GenericServerException);
    expect(attempts[0]).toMatchObject({
      status: 400,
      rawData: { code: 'invalid_credentials', message: `Invalid credentials for '${email}'.` },
    });
    const limited = attempts.find((error) => error instanceof RateLimitExceededException);
    expect(limited).toMatchObject({ status: 429, retryAfter: expect.any(Number) });
    expect(limited?.retryAfter).toBeGreaterThanOrEqual(1);
  });

  test('GenericServer 403 for an address that is not verified', async () => {
    const email = newAddress();
    await users().createUser({ email, password: passphrase });
    expect(await refusalOf(users().authenticateWithPassword({ email, password: passphrase }))).toMatchObject({
      constructor: GenericServerException,
      status: 403,
      rawData: { code: 'email_verification_required' },
    });
  });
});
