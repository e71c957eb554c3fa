import { beforeEach, describe, expect, test } from 'vitest';
import { type RawAnswer, request, useRestServer } from '../support/rest.ts';
import { newAddress } from '../support/users.ts';

/**
 * What SDKs put on the wire, read off their sources: method, path, headers, and the body with each key that they send even
 * when their caller gave nothing for it.
 */
const t = useRestServer();
const users = '/user_management/users';
const authenticate = '/user_management/authenticate';
const password = 'correct horse battery staple';
/** Of the same password, with the least cost. */
const hash = '$2b$04$CgX1VmT.Sg959JDCcyfdr.lNVABbRnJRztGspQWorNZlVQb75eVIS';

const go = (version: string) => ({ 'user-agent': `workos-go/${version}`, 'accept-encoding': 'gzip' });
const kotlin = { 'user-agent': 'workos-kotlin/4.23.0', 'accept-encoding': 'compress;q=0.5, gzip;q=1.0' };
const php = (version: string) => ({ 'user-agent': `WorkOS PHP/${version}`, accept: '*/*' });
const laravel = (version: string) => ({ 'user-agent': `WorkOS PHP Laravel/${version}`, accept: '*/*' });
const ruby = (version: string) => ({
  'user-agent': `WorkOS; ruby/3.3.6; x86_64-linux; v${version}`,
  'accept-encoding': 'gzip;q=1.0,deflate;q=0.6,identity;q=0.3',
  accept: '*/*',
});

type Headers = Record<string, string>;

const everything = {
  email_verified: true,
  first_name: 'Ada',
  last_name: 'Lovelace',
  name: 'Ada L.',
  locale: 'en-GB',
  metadata: { plan: 'pro' },
  password_hash: hash,
  password_hash_type: 'bcrypt',
};

let externalIds = 0;
let user: Record<string, unknown> & { id: string; email: string };

beforeEach(async () => {
  externalIds += 1;
  const json = { email: newAddress(), external_id: `shape-${externalIds}`, ...everything };
  user = (await request(t, 'POST', users, { json })).body;
});

const send = (method: string, path: string, headers: Headers, json?: object): Promise<RawAnswer> =>
  request(t, method, path, { headers, ...(json && { json }) });

/** Sends an update, which must change `change` and nothing else, and leave the password as it was. */
async function expectChange(headers: Headers, body: object, change: object): Promise<void> {
  const answer = await send('PUT', `${users}/${user.id}`, headers, body);
  expect([answer.status, answer.body]).toEqual([200, { ...user, ...change, updated_at: expect.any(String) }]);
  const stored = await t.server.app.db.reader.password.findUnique({ where: { userId: user.id } });
  expect(stored?.hash).toBe(hash);
}

function signIn(headers: Headers, more: object = {}) {
  const client = { client_id: 'client_any', client_secret: t.server.key };
  const json = { ...client, grant_type: 'password', email: user.email, password, ...more };
  return send('POST', authenticate, { ...headers, authorization: '' }, json);
}

/** What an SDK sends that has `null` for every parameter that its caller left out. */
const withNulls = (names: string[], given: object) => ({
  ...Object.fromEntries(names.map((name) => [name, null])),
  ...given,
});

describe.each(['v4.46.0', 'v6.5.0'])('Go %s', (version) => {
  test('repeats the id as "User" in every update', async () => {
    await expectChange(go(version), { User: user.id, first_name: 'Grace' }, { first_name: 'Grace' });
    await expectChange(go(version), { User: user.id, metadata: { plan: null } }, { first_name: 'Grace', metadata: {} });
  });

  test('creates, signs in, and lists', async () => {
    const created = await send('POST', users, go(version), { email: newAddress(), first_name: 'Ada' });
    expect(created).toMatchObject({ status: 201, body: { first_name: 'Ada', external_id: null, metadata: {} } });
    expect((await signIn(go(version))).status).toBe(200);
    const list = await send('GET', `${users}?limit=10&order=desc`, go(version));
    expect(list.body.data[0].id).toBe(created.body.id);
  });
});

describe('Java (workos-kotlin 4.23.0)', () => {
  test('repeats the id as "id" in every update', async () => {
    await expectChange(kotlin, { id: user.id, last_name: 'Hopper' }, { last_name: 'Hopper' });
  });
});

describe.each([
  ['another user’s', 'user_01E4ZCR3C56J083X43JQXF3JK5'],
  ['no text', 7],
  ['another case', 'USER_'],
])('an id in the body that is not the one in the path (%s)', (_what, other) => {
  test.each(['id', 'User'])('is refused as %s', async (key) => {
    const answer = await send('PUT', `${users}/${user.id}`, go('v6.5.0'), { [key]: other, first_name: 'Eve' });
    const message = `${key}: This is another id than the one in the path.`;
    expect([answer.status, answer.body]).toEqual([422, { code: 'invalid_request_parameters', message }]);
    expect((await send('GET', `${users}/${user.id}`, {})).body).toEqual(user);
  });
});

test('an id in the body of a creation is unknown', async () => {
  const answer = await send('POST', users, kotlin, { id: user.id, User: user.id, email: newAddress() });
  expect(answer).toMatchObject({ status: 422, body: { errors: [{ code: 'id_unknown' }, { code: 'User_unknown' }] } });
});

describe.each([
  ['PHP 4.0', php('4.0.0')],
  ['PHP 4.29', php('4.29.0')],
  ['PHP 4.32', php('4.32.0')],
  ['PHP for Laravel 4.0, with PHP 4', laravel('4.0.0')],
  ['PHP for Laravel 5.1, with PHP 4', laravel('5.1.0')],
])('%s', (_name, headers) => {
  const onUpdate = [
    ...['first_name', 'last_name', 'email_verified', 'password', 'password_hash', 'password_hash_type'],
    ...['external_id', 'metadata', 'email'],
  ];
  const onCreate = [...onUpdate.filter((name) => name !== 'email'), 'email'];

  test('updateUser sends every parameter that is left out as null: it stays', async () => {
    await expectChange(headers, withNulls(onUpdate, { first_name: 'Grace' }), { first_name: 'Grace' });
    const { email } = { email: newAddress() };
    const moved = await send('PUT', `${users}/${user.id}`, headers, withNulls(onUpdate, { email }));
    expect(moved.body).toMatchObject({
      email,
      email_verified: false,
      external_id: user.external_id,
      last_name: 'Lovelace',
    });
  });

  test('null deletes a key within metadata, where it was written by hand', async () => {
    await expectChange(headers, withNulls(onUpdate, { metadata: { plan: null, seat: '9' } }), {
      metadata: { seat: '9' },
    });
  });

  test('createUser does so too', async () => {
    const answer = await send('POST', users, headers, withNulls(onCreate, { email: newAddress() }));
    expect(answer).toMatchObject({ status: 201, body: { first_name: null, email_verified: false, metadata: {} } });
    const without = await send('POST', users, headers, withNulls(onCreate, {}));
    expect(without).toMatchObject({ status: 422, body: { message: 'email: This field is required.' } });
  });

  test('signs in and refreshes with organization_id and invitation_token as null', async () => {
    const answer = await signIn(headers, { ip_address: null, user_agent: null, invitation_token: null });
    expect(answer.status).toBe(200);
    const refreshed = await send('POST', authenticate, headers, {
      client_id: 'client_any',
      refresh_token: answer.body.refresh_token,
      organization_id: null,
      ip_address: null,
      user_agent: null,
      grant_type: 'refresh_token',
      client_secret: t.server.key,
    });
    expect(refreshed.status).toBe(200);
  });
});

describe.each(['0.11.2', '4.0.0', '5.0.0', '5.9.0', '5.19.0', '5.21.0'])('Ruby %s', (version) => {
  const parameters = [
    ...['first_name', 'last_name', 'email_verified', 'password', 'password_hash', 'password_hash_type'],
    ...(version === '5.21.0' ? ['email', 'external_id'] : []),
  ];

  test('update_user sends every parameter that is left out as null: it stays', async () => {
    await expectChange(ruby(version), withNulls(parameters, { last_name: 'Hopper' }), { last_name: 'Hopper' });
  });

  test('create_user does so too', async () => {
    const answer = await send('POST', users, ruby(version), withNulls(parameters, { email: newAddress() }));
    expect(answer).toMatchObject({ status: 201, body: { first_name: null, email_verified: false } });
  });
});

describe.each(['5.22.0', '5.31.1', '6.2.0'])('Ruby %s', (version) => {
  test('update_user leaves out what is left out, and can clear', async () => {
    await expectChange(ruby(version), { first_name: null, external_id: null }, { first_name: null, external_id: null });
  });

  test('signs in and refreshes with organization_id and invitation_token as null', async () => {
    const answer = await signIn(ruby(version), { ip_address: null, user_agent: null, invitation_token: null });
    expect(answer.status).toBe(200);
    const refreshed = await send(
      'POST',
      authenticate,
      { ...ruby(version), authorization: '' },
      {
        refresh_token: answer.body.refresh_token,
        client_id: 'client_any',
        client_secret: t.server.key,
        ip_address: null,
        user_agent: null,
        grant_type: 'refresh_token',
        organization_id: null,
      },
    );
    expect(refreshed.status).toBe(200);
  });

  test('list_users sends a cursor that it does not have yet without a value', async () => {
    const answer = await send('GET', `${users}?after&limit=1&order=desc`, ruby(version));
    expect(answer).toMatchObject({ status: 200, body: { data: [{ id: user.id }] } });
  });
});

describe('null from anybody else', () => {
  const others: [string, Headers][] = [
    ['no name at all', {}],
    ['PHP 5.0', php('5.0.3')],
    ['PHP 9.0', php('9.0.0')],
    ['PHP for Laravel 6.0, with PHP 5', laravel('6.0.0')],
    ['Ruby 5.22', ruby('5.22.0')],
    ['Ruby 10.2', { 'user-agent': 'workos-ruby/10.2.1' }],
    ['somebody who quotes PHP', { 'user-agent': 'curl/8.0 WorkOS PHP/4.29.0' }],
  ];
  const notClearable = [
    ...['email', 'email_verified', 'password', 'password_hash', 'password_hash_type', 'password_salt_position'],
  ];
  const cleared = { first_name: null, last_name: null, name: null, external_id: null, locale: null };

  test.each(others)('(%s) clears what can be empty, and is as good as left out elsewhere', async (_who, headers) => {
    await expectChange(headers, withNulls(notClearable, {}), {});
    await expectChange(
      headers,
      { ...withNulls(notClearable, {}), ...cleared, metadata: null },
      { ...cleared, metadata: {} },
    );
  });

  test('is as good as left out under a key that there is not, everywhere', async () => {
    const unknown = { organization_id: null, nickname: null, __proto: null };
    await expectChange({}, { ...unknown, first_name: 'Grace' }, { first_name: 'Grace' });
    expect(await send('POST', users, {}, { ...unknown, email: newAddress() })).toMatchObject({ status: 201 });
    const { body } = await signIn({}, unknown);
    const [session] = (await send('GET', `${users}/${user.id}/sessions`, {})).body.data;
    const revoked = await send('POST', '/user_management/sessions/revoke', {}, { ...unknown, session_id: session.id });
    expect([body.user.id, revoked.status]).toEqual([user.id, 200]);
  });

  test('does not stand for what is required', async () => {
    const refused = async (path: string, json: object) => (await send('POST', path, {}, json)).body.message;
    expect(await refused(users, { email: null })).toBe('email: This field is required.');
    expect(await refused('/user_management/sessions/revoke', { session_id: null })).toBe(
      'session_id: This field is required.',
    );
    expect((await signIn({}, { email: null, password: null })).body.errors).toEqual([
      { code: 'email_required', message: 'This field is required.', field: 'email' },
      { code: 'password_required', message: 'This field is required.', field: 'password' },
    ]);
  });
});

const codeGrants = ['magic-auth', 'email-verification'].map((kind) => `urn:workos:oauth:grant-type:${kind}:code`);
const expectedGrants = `Expected one of ${['password', 'refresh_token', ...codeGrants].join(', ')}.`;

describe('a 422 with several problems', () => {
  test('gives each a code and a message of its own', async () => {
    const json = {
      ...{ email: 7, first_name: 'x'.repeat(256), external_id: 'x'.repeat(129), last_name: 7, nickname: 'x' },
      ...{ password_hash_type: 'md5', locale: 'en_US', metadata: 7, name: '\ud800' },
    };
    const { status, body } = await send('POST', users, {}, json);
    expect([status, body.code]).toEqual([422, 'invalid_request_parameters']);
    expect(body.errors.map(({ code }: { code: string }) => code).sort()).toEqual(
      [
        ...['invalid_email', 'first_name_too_long', 'external_id_too_long', 'last_name_invalid', 'nickname_unknown'],
        ...['password_hash_type_invalid', 'invalid_locale', 'invalid_metadata', 'name_invalid'],
      ].sort(),
    );
    for (const { message } of body.errors) expect(message).toMatch(/^[A-Z].{10,}\.$/);
  });

  test.each([
    [{ grant_type: 'authorization_code', code: 'x', refresh_token: 'x' }, expectedGrants],
    [{ grant_type: 7, email: 7 }, expectedGrants],
    [{ grant_type: null, nickname: 'x' }, 'This field is required.'],
    [{}, 'This field is required.'],
  ])('is none for the grant of %j, which is told once', async (json, reason) => {
    const { status, body } = await send('POST', authenticate, {}, json);
    const message = `grant_type: ${reason}`;
    expect([status, body]).toEqual([422, { code: 'invalid_request_parameters', message }]);
  });
});
