import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { imported } from '../support/moving.ts';

const bcrypt = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';
const salt = Buffer.from('0123456789abcdef');
const base64 = 'base64';

test('django: users, and the addresses of allauth', async () => {
  const user = (pk: number, fields: object) => ({ model: 'auth.user', pk, fields: { is_active: true, ...fields } });
  const { users, problems } = await imported([
    [
      user(7, {
        username: 'ada',
        email: 'ada@example.com',
        password: 'pbkdf2_sha256$1000$c2FsdA$lSJ9l3CRmJVn4aXFrVDO9ezg8E7KuZzv2rYuwUWzi6U=',
        first_name: 'Ada',
        last_name: 'L',
        date_joined: '2024-01-02T03:04:05Z',
        last_login: null,
      }),
      user(8, { username: 'b@example.com', email: 'b@example.com', password: '!x', is_active: false }),
      user(9, { username: 'nobody', email: '', password: '!' }),
      {
        model: 'account.emailaddress',
        pk: 1,
        fields: { user: 7, email: 'ADA@example.com', verified: true, primary: true },
      },
    ],
  ]);
  expect(users).toMatchObject([
    { externalId: '7', emailVerified: true, firstName: 'Ada', lastName: 'L', password: { type: 'wrapped' } },
    { externalId: '8', emailVerified: false, firstName: null, password: null },
  ]);
  expect(users[0]?.createdAt).toEqual(new Date('2024-01-02T03:04:05.000Z'));
  expect(problems).toEqual([
    expect.stringMatching(/^0:1 noted not_carried username/),
    expect.stringMatching(/^0:1 noted not_carried disabled/),
    expect.stringMatching(/^0:1 refused invalid_email/),
  ]);
});

test('keycloak: an export of a realm', async () => {
  const value = pbkdf2Sync('password', salt, 27_500, 64, 'sha256').toString(base64);
  const realm = {
    realm: 'r',
    roles: { realm: [{ id: 'x', name: 'users' }] },
    users: [
      {
        id: '3f',
        username: 'ada',
        email: 'ada@example.com',
        emailVerified: true,
        firstName: 'Ada',
        enabled: false,
        createdTimestamp: 1_700_000_000_000,
        attributes: { locale: ['de'], plan: ['pro', 'other'] },
        federatedIdentities: [{ identityProvider: 'google', userId: '1093', userName: 'ada@example.com' }],
        credentials: [
          {
            type: 'password',
            secretData: JSON.stringify({ value, salt: salt.toString(base64), additionalParameters: {} }),
            credentialData: JSON.stringify({
              hashIterations: 27_500,
              algorithm: 'pbkdf2-sha256',
              additionalParameters: {},
            }),
          },
          { type: 'otp' },
        ],
      },
      { id: '4f', username: 'service', enabled: true, createdTimestamp: 1 },
    ],
    clients: [{ id: 'y', users: [] }],
  };
  for (const content of [JSON.stringify(realm), JSON.stringify(realm, null, 2)]) {
    const { users, problems } = await imported([content], '--from', 'keycloak', '--keycloak-idp-email', 'user');
    expect(users).toMatchObject([
      {
        externalId: '3f',
        emailVerified: true,
        locale: 'de',
        metadata: { plan: 'pro' },
        createdAt: new Date(1_700_000_000_000),
        identities: [{ provider: 'GoogleOAuth', idpId: '1093', email: 'ada@example.com' }],
        password: { type: 'wrapped' },
      },
    ]);
    expect(problems.map((text) => text.split(' ').slice(1, 4).join(' '))).toEqual([
      'noted not_carried mfa',
      'noted not_carried disabled',
      'noted not_carried username',
      'refused invalid_request_parameters email',
    ]);
  }
});

test('better-auth: users and accounts', async () => {
  const hex = salt.toString('hex');
  const key = scryptSync('password', hex, 64, { N: 16_384, r: 16, p: 1, maxmem: 2 ** 26 }).toString('hex');
  const at = '2024-01-02T03:04:05.000Z';
  const { users, problems } = await imported([
    [
      {
        id: 'u1',
        name: 'Ada L',
        email: 'ada@example.com',
        emailVerified: true,
        image: null,
        createdAt: at,
        updatedAt: at,
      },
    ],
    [
      { id: 'a1', userId: 'u1', accountId: 'u1', providerId: 'credential', password: `${hex}:${key}` },
      { id: 'a2', userId: 'u1', accountId: '1093', providerId: 'google' },
    ],
  ]);
  expect(users).toMatchObject([
    {
      externalId: 'u1',
      name: 'Ada L',
      createdAt: new Date(at),
      identities: [{ provider: 'GoogleOAuth', idpId: '1093', email: null }],
      password: { type: 'scrypt-nfkc' },
    },
  ]);
  expect(problems).toEqual([expect.stringMatching(/noted changed identities/)]);
});

test('kratos: identities with their credentials', async () => {
  const { users, problems } = await imported([
    [
      {
        id: 'k1',
        schema_id: 'default',
        state: 'active',
        external_id: null,
        traits: { email: 'ada@example.com', name: { first: 'Ada', last: 'L' } },
        verifiable_addresses: [{ value: 'ada@example.com', verified: true, via: 'email', status: 'completed' }],
        credentials: {
          password: { config: { hashed_password: bcrypt } },
          oidc: {
            config: {
              providers: [
                { provider: 'github', subject: '5' },
                { provider: 'own-idp', subject: '6' },
              ],
            },
          },
          totp: {},
        },
        metadata_public: { plan: 'pro' },
        created_at: '2024-01-02T03:04:05.123456789Z',
      },
    ],
  ]);
  expect(users).toMatchObject([
    {
      externalId: 'k1',
      emailVerified: true,
      firstName: 'Ada',
      lastName: 'L',
      metadata: { plan: 'pro' },
      createdAt: new Date('2024-01-02T03:04:05.123Z'),
      identities: [{ provider: 'GithubOAuth', idpId: '5' }],
      password: { hash: bcrypt },
    },
  ]);
  expect(problems.map((text) => text.split(' ').slice(1, 4).join(' '))).toEqual([
    'noted not_carried mfa',
    'noted changed identities',
    'noted not_carried identities',
  ]);
});

test('fusionauth: users as its import takes them', async () => {
  const password = pbkdf2Sync('password', salt, 24_000, 32, 'sha256').toString(base64);
  const { users, problems } = await imported([
    {
      users: [
        {
          id: 'f1',
          email: 'ada@example.com',
          verified: true,
          firstName: 'Ada',
          encryptionScheme: 'salted-pbkdf2-hmac-sha256',
          factor: 24_000,
          salt: salt.toString(base64),
          password,
          preferredLanguages: ['en'],
          data: { plan: 'pro' },
          mobilePhone: '+1',
        },
      ],
    },
  ]);
  expect(users).toMatchObject([
    { externalId: 'f1', emailVerified: true, locale: 'en', metadata: { plan: 'pro' }, password: { type: 'wrapped' } },
  ]);
  expect(problems).toEqual([expect.stringMatching(/not_carried phone/)]);
});

test('okta: users of its API, and hashes as its import takes them', async () => {
  const [, , cost = '', rest = ''] = bcrypt.split('$');
  const hash = { algorithm: 'BCRYPT', workFactor: Number(cost), salt: rest.slice(0, 22), value: rest.slice(22) };
  const { users, problems } = await imported([
    [
      {
        id: '00u1',
        status: 'ACTIVE',
        created: '2024-01-02T03:04:05.000Z',
        profile: { login: 'ada@example.com', email: 'ada@example.com', firstName: 'Ada', lastName: 'L', team: 'x' },
        credentials: { password: { hash } },
      },
      { id: '00u2', status: 'SUSPENDED', profile: { login: 'bob', email: 'b@example.com' } },
    ],
  ]);
  expect(users).toMatchObject([
    {
      externalId: '00u1',
      emailVerified: false,
      firstName: 'Ada',
      metadata: { team: 'x' },
      password: { type: 'bcrypt' },
    },
    { externalId: '00u2', password: null },
  ]);
  expect(problems).toHaveLength(2);
});

test('cognito: list-users, and the columns of its import', async () => {
  const attributes = {
    sub: 'c1',
    email: 'ada@example.com',
    email_verified: 'true',
    given_name: 'Ada',
    'custom:plan': 'pro',
    phone_number: '+1',
    identities: '[{"userId":"1093","providerName":"Google"}]',
  };
  const Attributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
  const Users = [{ Username: 'c1', Attributes, UserCreateDate: '2024-01-02T03:04:05.000Z', Enabled: true }];
  const { users, problems } = await imported([{ Users }], '--from', 'cognito');
  expect(users).toMatchObject([
    {
      externalId: 'c1',
      emailVerified: true,
      firstName: 'Ada',
      metadata: { plan: 'pro' },
      createdAt: new Date('2024-01-02T03:04:05.000Z'),
      identities: [{ provider: 'GoogleOAuth', idpId: '1093' }],
    },
  ]);
  expect(problems).toHaveLength(2); // a phone number, an identity without an address
  const csv = await imported([
    'cognito:username,name,email,email_verified,phone_number\nada,Ada L,ada@example.com,true,\n',
  ]);
  expect(csv.users).toMatchObject([{ externalId: 'ada', name: 'Ada L', emailVerified: true }]);
});

test('ldif: entries of a directory', async () => {
  const text = [
    'version: 1',
    '',
    '# people',
    'dn: uid=ada,ou=p,dc=x',
    'uid: ada',
    'mail: ada@exam',
    ' ple.com',
    'mail: other@example.com',
    'givenName: Ada',
    `sn:: ${Buffer.from('Lövelace').toString(base64)}`,
    `userPassword:: ${Buffer.from('{SSHA}QQyNopkN9vGO0sX9tMWFZZ0PGJJzYWx0').toString(base64)}`,
    'createTimestamp: 20240102030405Z',
    '',
    'dn: ou=p,dc=x',
    'ou: p',
    '',
    'dn: uid=b,ou=p,dc=x',
    'uid: b',
    '',
  ];
  for (const lineEnd of ['\n', '\r\n']) {
    const { users, problems } = await imported([text.join(lineEnd)]);
    expect(users).toMatchObject([
      {
        externalId: 'ada',
        email: 'ada@example.com',
        emailVerified: false,
        firstName: 'Ada',
        lastName: 'Lövelace',
        createdAt: new Date('2024-01-02T03:04:05.000Z'),
        password: { type: 'ssha' },
      },
    ]);
    expect(problems.map((one) => one.split(' ').slice(0, 4).join(' '))).toEqual([
      '0:4 noted not_carried addresses',
      '0:14 refused not_a_user ',
      '0:17 refused invalid_request_parameters email',
    ]);
  }
});
