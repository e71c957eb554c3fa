import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/database.ts';
import { imported } from '../support/moving.ts';

const bcrypt = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';

const lines = (...records: object[]) => records.map((record) => JSON.stringify(record)).join('\n');

test('auth0: users and, in a file of their own, hashes', async () => {
  const ada = {
    user_id: 'auth0|65f1',
    email: 'ada@example.com',
    email_verified: true,
    given_name: 'Ada',
    family_name: 'L',
    name: 'ada@example.com',
    picture: 'https://example.com/a.png',
    created_at: '2024-01-02T03:04:05.000Z',
    user_metadata: { plan: 'pro' },
    app_metadata: { role: 'x' },
    identities: [
      { provider: 'auth0', user_id: '65f1', connection: 'Username-Password-Authentication', isSocial: false },
      { provider: 'google-oauth2', user_id: '1093', connection: 'google-oauth2', isSocial: true },
      { provider: 'facebook', user_id: '5', connection: 'facebook', isSocial: true },
    ],
  };
  const own = [{ provider: 'auth0', user_id: '9', connection: 'db' }];
  const users = lines(
    ada,
    { user_id: 'sms|1', phone_number: '+1', identities: [] },
    { user_id: 'auth0|9', email: 'b@example.com', email_verified: false, blocked: true, identities: own },
  );
  const hashes = lines(
    {
      _id: { $oid: '65f1' },
      email: 'ada@example.com',
      passwordHash: bcrypt,
      connection: 'x',
      password_set_date: { $date: '2024-02-02T00:00:00.000Z' },
    },
    { email: 'B@example.com', passwordHash: bcrypt, connection: 'db' },
    { email: 'B@example.com', passwordHash: bcrypt, connection: 'another' },
  );
  for (const files of [
    [users, hashes],
    [hashes, users],
  ]) {
    const { users: found, problems } = await imported(files);
    expect(found).toMatchObject([
      {
        externalId: 'auth0|65f1',
        emailVerified: true,
        firstName: 'Ada',
        name: null,
        metadata: { plan: 'pro' },
        profilePictureUrl: 'https://example.com/a.png',
        identities: [{ provider: 'GoogleOAuth', idpId: '1093', email: null }],
        password: { hash: bcrypt, changedAt: new Date('2024-02-02T00:00:00.000Z') },
      },
      { email: 'b@example.com', emailVerified: false, password: { hash: bcrypt } },
    ]);
    const at = files[0] === users ? 0 : 1;
    expect(problems.map((text) => text.slice(0, 44)).sort()).toEqual(
      [
        `${at}:1 noted not_carried app_metadata app_metadata`,
        `${at}:1 noted not_carried identities The provider`,
        `${at}:1 noted changed identities The identity of`,
        `${at}:2 refused invalid_request_parameters email`,
        `${at}:3 noted not_carried disabled The account was`,
        `${1 - at}:3 refused user_not_found  The files have no`,
      ]
        .map((text) => text.slice(0, 44))
        .sort(),
    );
  }
});

test('auth0: what others write for its import', async () => {
  const custom = (email: string, custom_password_hash: object) => ({
    email,
    email_verified: true,
    custom_password_hash,
  });
  const { users, problems } = await imported(
    [
      [
        { email: 'a@example.com', password_hash: bcrypt },
        custom('b@example.com', {
          algorithm: 'md5',
          hash: { value: '5f4dcc3b5aa765d61d8327deb882cf99', encoding: 'hex' },
        }),
        custom('c@example.com', {
          algorithm: 'md5',
          hash: { value: '5f4dcc3b5aa765d61d8327deb882cf99' },
          password: { encoding: 'utf16le' },
        }),
      ],
    ],
    '--from',
    'auth0',
  );
  expect(users.map(({ password }) => password?.type)).toEqual(['bcrypt', 'wrapped']);
  expect(problems).toEqual([expect.stringMatching(/^0:1 refused invalid_password_hash password/)]);
});

test('firebase: its JSON and its CSV, with the parameters of the project', async () => {
  const folder = temporaryFolder();
  const config = join(folder, 'config');
  const signer = Buffer.alloc(64, 7).toString('base64');
  writeFileSync(
    config,
    `hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: ${signer},\n  base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}\n`,
  );
  const passwordHash = Buffer.alloc(64, 9).toString('base64url');
  const json = {
    users: [
      {
        localId: 'u1',
        email: 'ada@example.com',
        emailVerified: true,
        passwordHash,
        salt: 'c2FsdHNhbHQ=',
        displayName: 'Ada L',
        photoUrl: 'https://example.com/a.png',
        createdAt: '1700000000000',
        lastSignedInAt: '1700000001000',
        customAttributes: '{"role":"admin"}',
        providerUserInfo: [
          { providerId: 'google.com', rawId: '1093', email: 'ada@example.com' },
          { providerId: 'facebook.com', rawId: '7' },
        ],
      },
      { localId: 'u2', phoneNumber: '+1' },
      { localId: 'u3', email: 'b@example.com', passwordHash, disabled: true },
      { localId: 'u4', email: 'c@example.com', passwordHash: '' },
    ],
  };
  const ada = {
    externalId: 'u1',
    emailVerified: true,
    name: 'Ada L',
    profilePictureUrl: 'https://example.com/a.png',
    createdAt: new Date(1_700_000_000_000),
    identities: [{ provider: 'GoogleOAuth', idpId: '1093', email: 'ada@example.com' }],
    password: { type: 'firebase-scrypt' },
  };
  const { users, problems } = await imported([json], '--firebase-config', config);
  expect(users).toMatchObject([
    { ...ada, metadata: { role: 'admin' }, lastSignInAt: new Date(1_700_000_001_000) },
    { externalId: 'u3', password: null },
    { externalId: 'u4', password: null },
  ]);
  expect(problems).toEqual([
    expect.stringMatching(/^0:1 noted not_carried identities The provider "facebook.com"/),
    expect.stringMatching(/^0:1 refused invalid_request_parameters email/),
    expect.stringMatching(/^0:1 noted not_carried disabled/),
    expect.stringMatching(/^0:1 noted left_out password The hash has no salt/),
  ]);

  const row = `u1,ada@example.com,true,${passwordHash},c2FsdHNhbHQ=,Ada L,https://example.com/a.png,1093,ada@example.com,Ada,,7,,,,,,,,,,,,1700000000000,1700000001000,\r\n`;
  const fromCsv = await imported([row], '--from', 'firebase', '--firebase-config', config);
  expect(fromCsv.users).toMatchObject([ada]);
  const without = await imported([row], '--from', 'firebase');
  expect(without.users).toMatchObject([{ password: null }]);
  expect(without.problems.at(-2)).toMatch(/left_out password.*/);
});

test('supabase: a dump of its two tables, or a file of each', async () => {
  const dump = [
    '--',
    'SET statement_timeout = 0;',
    'COPY auth.identities (provider_id, user_id, identity_data, provider, created_at) FROM stdin;',
    '1093\tid1\t{"sub": "1093", "email": "ada@example.com"}\tgoogle\t2024-01-02 03:04:05.123456+00',
    'id1\tid1\t{"sub": "id1"}\temail\t2024-01-02 03:04:05+00',
    '\\.',
    'COPY auth.users (id, email, encrypted_password, email_confirmed_at, raw_user_meta_data, deleted_at, is_sso_user, is_anonymous, phone, created_at) FROM stdin;',
    `id1\tada@example.com\t${bcrypt}\t2024-01-02 03:04:05+00\t{"full_name": "Ada \\\\"L\\\\"", "plan": "a\\\\tb", "sub": "x"}\t\\N\tf\tf\t\\N\t2024-01-02 05:04:05.5+02`,
    'id2\tb@example.com\t\\N\t\\N\t{}\t2024-01-02 03:04:05+00\tf\tf\t\\N\t2024-01-02 03:04:05+00',
    'id3\t\\N\t\\N\t\\N\t{}\t\\N\tf\tt\t\\N\t2024-01-02 03:04:05+00',
    'id4\tsso@example.com\t\\N\t\\N\t{}\t\\N\tt\tf\t123\t2024-01-02 03:04:05+00',
    'too\tfew',
    '\\.',
  ].join('\n');
  const ada = {
    externalId: 'id1',
    emailVerified: true,
    createdAt: new Date('2024-01-02T03:04:05.500Z'),
    identities: [
      {
        provider: 'GoogleOAuth',
        idpId: '1093',
        email: 'ada@example.com',
        createdAt: new Date('2024-01-02T03:04:05.123Z'),
      },
    ],
    password: { hash: bcrypt },
  };
  const { users, problems } = await imported([dump], '--from', 'supabase');
  expect(users).toMatchObject([
    { ...ada, name: 'Ada "L"', metadata: { plan: 'a\tb' } },
    { externalId: 'id4', managed: true, emailVerified: false },
  ]);
  expect(problems.map((text) => text.split(' ').slice(0, 4).join(' '))).toEqual([
    '0:9 refused not_a_user ',
    '0:10 refused not_a_user ',
    '0:11 noted not_carried phone',
    '0:12 refused invalid_record ',
  ]);
  const csv = await imported([
    `provider_id,user_id,identity_data,provider,created_at\n1093,id1,"{""sub"":""1093"",""email"":""ada@example.com""}",google,2024-01-02 03:04:05.123+00\n`,
    `id,email,encrypted_password,email_confirmed_at,created_at\nid1,ada@example.com,${bcrypt},2024-01-02 03:04:05+00,2024-01-02 03:04:05.5+00\n`,
  ]);
  expect(csv).toMatchObject({ users: [ada], problems: [] });
});

test('clerk: the rows of its dashboard, the users of its API, and both', async () => {
  const header =
    'id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses,unverified_email_addresses,verified_phone_numbers,unverified_phone_numbers,totp_secret,password_digest,password_hasher';
  const rows = `${header}\nuser_2a,Ada,L,,ada@example.com,,"ada@example.com,other@example.com",,,,,${bcrypt},bcrypt\nuser_2b,,,bob,b@example.com,+1,,b@example.com,,,SECRET,,\nuser_2c,,,,,+2,,,,,,,\n`;
  const alone = await imported([rows]);
  expect(alone.users).toMatchObject([
    { externalId: 'user_2a', emailVerified: true, firstName: 'Ada', password: { hash: bcrypt } },
    { externalId: 'user_2b', emailVerified: false, password: null },
  ]);
  expect(alone.problems.map((text) => text.split(' ').slice(0, 4).join(' '))).toEqual([
    '0:2 noted not_carried addresses',
    '0:3 noted not_carried username',
    '0:3 noted not_carried phone',
    '0:3 noted not_carried mfa',
    '0:4 refused invalid_request_parameters email',
  ]);
  const api = [
    {
      id: 'user_2a',
      email_addresses: [{ id: 'idn_1', email_address: 'ada@example.com', verification: { status: 'verified' } }],
      primary_email_address_id: 'idn_1',
      external_accounts: [{ provider: 'oauth_google', provider_user_id: '1093', email_address: 'ada@example.com' }],
      public_metadata: { plan: 'pro' },
      created_at: 1_700_000_000_000,
    },
  ];
  const both = await imported([rows, api]);
  expect(both.users).toMatchObject([
    {
      emailVerified: true,
      metadata: { plan: 'pro' },
      createdAt: new Date(1_700_000_000_000),
      identities: [{ provider: 'GoogleOAuth', idpId: '1093' }],
      password: { hash: bcrypt },
    },
  ]);
  expect(both.problems).toHaveLength(2); // rows without a user of the API
});

test('workos: users of its API keep their ids; rows of its importers', async () => {
  const id = 'user_01HK3VEQ4E0000000000000000';
  const list = {
    object: 'list',
    data: [
      {
        object: 'user',
        id,
        email: 'ada@example.com',
        email_verified: true,
        first_name: 'Ada',
        last_name: null,
        external_id: null,
        metadata: { plan: 'pro' },
        created_at: '2020-01-01T00:00:00.000Z',
        identities: [{ idp_id: '1093', type: 'OAuth', provider: 'GoogleOAuth' }],
      },
    ],
  };
  const { users, problems } = await imported([JSON.stringify(list, null, 1)]);
  expect(users).toMatchObject([{ id, metadata: { plan: 'pro' }, identities: [{ email: 'ada@example.com' }] }]);
  expect(users[0]?.createdAt.getUTCFullYear()).toBe(2024);
  expect(problems).toEqual([expect.stringMatching(/noted changed createdAt/)]);
  const rows = await imported([
    `email,password,password_hash,password_hash_type,first_name,last_name,email_verified,external_id,metadata,org_id,org_external_id,org_name,role_slugs\nada@example.com,,${bcrypt},bcrypt,Ada,L,true,e1,"{""a"":""b""}",org_1,,,admin\n`,
  ]);
  expect(rows.users).toMatchObject([{ externalId: 'e1', password: { hash: bcrypt }, metadata: { a: 'b' } }]);
  expect(rows.problems).toEqual([expect.stringMatching(/not_carried organization/)]);
  const form = await imported([
    `user_id,email,email_verified,first_name,last_name,password_hash\n${id},a@example.com,true,A,B,${bcrypt}\n`,
  ]);
  expect(form.users).toMatchObject([{ id, password: { hash: bcrypt } }]);
});
