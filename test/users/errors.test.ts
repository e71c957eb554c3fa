import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import {
  CreateUser,
  DeleteUser,
  LinkIdentity,
  SetUserManaged,
  UnlinkIdentity,
  UpdateUser,
} from '../support/documents.ts';
import { dump, linkAddresses, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
let id: string;
const unknownId = 'user_00000000000000000000000000';

beforeAll(async () => {
  t = await createTestApp();
  await makeUser(t.app, { email: 'taken@example.com', externalId: 'taken' });
});
afterAll(() => t.close());

beforeEach(async () => {
  const user = await makeUser(t.app, {
    emailVerified: true,
    metadata: { plan: 'pro' },
    password: 'a first passphrase',
  });
  id = user.id;
  await linkAddresses(t.app, id, [user.email, newAddress()]);
});

const changes = { firstName: 'X', metadata: { plan: 'free' }, email: 'moved@example.com' };
const hash = '$2b$10$abcdefghijklmnopqrstuuMZQpx0Np8UXlNYU5gRMVSpzqMTpcGGi';

const refusals: [code: string, field: string | undefined, input: Record<string, unknown>][] = [
  ['INVALID_EMAIL', 'email', { email: 'not an address' }],
  ['EMAIL_NOT_AVAILABLE', 'email', { email: 'TAKEN@example.com' }],
  ['EMAIL_ALREADY_VERIFIED', 'emailVerified', { email: undefined, emailVerified: false }],
  ['INVALID_METADATA', 'metadata', { metadata: { plan: 7 } }],
  [
    'INVALID_METADATA',
    'metadata',
    { metadata: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, ''])) },
  ],
  ['EXTERNAL_ID_ALREADY_USED', 'externalId', { externalId: 'taken' }],
  ['INVALID_LOCALE', 'locale', { locale: 'not a locale' }],
  ['INVALID_REQUEST_PARAMETERS', 'firstName', { firstName: 'x'.repeat(256) }],
  ['INVALID_REQUEST_PARAMETERS', 'lastName', { lastName: 'half \ud800 a pair' }],
  ['INVALID_REQUEST_PARAMETERS', 'name', { name: 'nul \u0000' }],
  ['INVALID_REQUEST_PARAMETERS', 'externalId', { externalId: 'ä' }],
  ['INVALID_REQUEST_PARAMETERS', 'passwordHashType', { passwordHash: hash }],
  ['INVALID_REQUEST_PARAMETERS', 'passwordHash', { passwordHashType: 'BCRYPT' }],
  [
    'INVALID_REQUEST_PARAMETERS',
    'passwordSaltPosition',
    { passwordHash: hash, passwordHashType: 'BCRYPT', passwordSaltPosition: 'PREFIX' },
  ],
  ['PASSWORD_STRENGTH_ERROR', 'password', { password: 'short' }],
  ['INVALID_PASSWORD_HASH', 'passwordHash', { passwordHash: 'plain', passwordHashType: 'BCRYPT' }],
  [
    'PASSWORD_AND_PASSWORD_HASH_PROVIDED',
    'passwordHash',
    { password: 'a second passphrase', passwordHash: hash, passwordHashType: 'BCRYPT' },
  ],
  [
    'PASSWORD_AND_PASSWORD_HASH_TYPE_PROVIDED',
    'passwordHashType',
    { password: 'a second passphrase', passwordHashType: 'BCRYPT' },
  ],
  ['PASSWORD_SALT_POSITION_REQUIRES_PASSWORD_HASH', 'passwordSaltPosition', { passwordSaltPosition: 'PREFIX' }],
];

describe('updateUser', () => {
  test.each(refusals)('%s for %s leaves nothing behind', async (code, field, wrong) => {
    const before = await dump(t.app);
    const { data, errors } = await t.graphql(UpdateUser, { id, input: { ...changes, ...wrong } });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({ code, field });
    expect(errors?.[0]?.message).toMatch(/^[A-Z].*\.$/);
    expect(data ?? null).toBeNull();
    expect(await dump(t.app)).toEqual(before);
  });

  test('EMAIL_CHANGE_NOT_ALLOWED leaves nothing behind', async () => {
    await t.graphql(SetUserManaged, { id, managed: true });
    const before = await dump(t.app);
    const { errors } = await t.graphql(UpdateUser, { id, input: changes });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'EMAIL_CHANGE_NOT_ALLOWED', field: 'email' });
    expect(await dump(t.app)).toEqual(before);
  });

  test('VERSION_MISMATCH tells the current version and leaves nothing behind', async () => {
    const before = await dump(t.app);
    const { errors } = await t.graphql(UpdateUser, { id, input: changes, expectedVersion: 1 });
    expect(errors?.[0]?.extensions).toEqual({ code: 'VERSION_MISMATCH', currentVersion: 3 });
    expect(await dump(t.app)).toEqual(before);
    const again = await t.graphql(UpdateUser, { id, input: { name: 'Y' }, expectedVersion: 3 });
    expect(again.data?.updateUser).toMatchObject({ name: 'Y', version: 4 });
  });

  test.each([unknownId, '', 'x', 'user_\u0000', '\ud800', "' OR 1=1 --"])(
    'ENTITY_NOT_FOUND for the id %j',
    async (wrongId) => {
      const before = await dump(t.app);
      const { errors } = await t.graphql(UpdateUser, { id: wrongId, input: changes });
      expect(errors?.[0]).toMatchObject({
        message: `User not found: '${wrongId}'.`,
        extensions: { code: 'ENTITY_NOT_FOUND', entityId: wrongId },
      });
      expect(await dump(t.app)).toEqual(before);
    },
  );

  test('reports all malformed fields in one answer, each with its own code', async () => {
    const input = { email: null, firstName: 'x'.repeat(256), locale: '??', metadata: { '': 'x' }, password: 'abc' };
    const { errors } = await t.graphql(UpdateUser, { id, input });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions.code).toBe('INVALID_REQUEST_PARAMETERS');
    expect(errors?.[0]?.extensions.issues?.map(({ field, code }) => [field, code])).toEqual([
      ['email', 'INVALID_REQUEST_PARAMETERS'],
      ['firstName', 'INVALID_REQUEST_PARAMETERS'],
      ['locale', 'INVALID_LOCALE'],
      ['metadata', 'INVALID_METADATA'],
      ['password', 'PASSWORD_TOO_SHORT'],
      ['password', 'PASSWORD_TOO_WEAK'],
    ]);
  });

  test('several problems of one code keep that code', async () => {
    const { errors } = await t.graphql(UpdateUser, {
      id,
      input: { firstName: 'x'.repeat(256), name: 'x'.repeat(256) },
    });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_REQUEST_PARAMETERS', issues: [{}, {}] });
  });
});

describe('the order of refusals', () => {
  test('form before existence, existence before version, version before the stored row, the row before uniqueness', async () => {
    const codeOf = async (variables: object) =>
      (await t.graphql<unknown, object>(UpdateUser.toString(), variables)).errors?.[0]?.extensions.code;
    const wrongForm = { firstName: 'x'.repeat(256) };
    const wrongRow = { emailVerified: false };
    const taken = { externalId: 'taken' };
    const all = { ...wrongForm, ...wrongRow, ...taken };
    expect(await codeOf({ id: unknownId, input: all, expectedVersion: 99 })).toBe('INVALID_REQUEST_PARAMETERS');
    expect(await codeOf({ id: unknownId, input: { ...wrongRow, ...taken }, expectedVersion: 99 })).toBe(
      'ENTITY_NOT_FOUND',
    );
    expect(await codeOf({ id, input: { ...wrongRow, ...taken }, expectedVersion: 99 })).toBe('VERSION_MISMATCH');
    expect(await codeOf({ id, input: { ...wrongRow, ...taken } })).toBe('EMAIL_ALREADY_VERIFIED');
    expect(await codeOf({ id, input: taken })).toBe('EXTERNAL_ID_ALREADY_USED');
  });

  test('a weak password for an unknown user is a weak password', async () => {
    const { errors } = await t.graphql(UpdateUser, { id: unknownId, input: { password: 'short' } });
    expect(errors?.[0]?.extensions.code).toBe('PASSWORD_STRENGTH_ERROR');
  });
});

const bothTaken = { email: 'TAKEN@example.com', externalId: 'taken' };
const bothIssues = [
  { field: 'email', code: 'EMAIL_NOT_AVAILABLE', message: 'This email is not available.' },
  {
    field: 'externalId',
    code: 'EXTERNAL_ID_ALREADY_USED',
    message: 'This external id is already used by another user.',
  },
];

describe('address and external id that other users have', () => {
  test('are both told, with the code of the address', async () => {
    const before = await dump(t.app);
    const { errors } = await t.graphql(UpdateUser, { id, input: { ...bothTaken, firstName: 'X' } });
    expect(errors).toMatchObject([
      {
        message: 'This email is not available. This external id is already used by another user.',
        extensions: { code: 'EMAIL_NOT_AVAILABLE', issues: bothIssues },
      },
    ]);
    expect(errors?.[0]?.extensions).not.toHaveProperty('field');
    expect(await dump(t.app)).toEqual(before);
  });

  test('are told alone, where the other is free, or the own one', async () => {
    await t.graphql(UpdateUser, { id, input: { email: 'own@example.com', externalId: 'own' } });
    const refused = async (input: object) => (await t.graphql(UpdateUser, { id, input })).errors?.[0]?.extensions;
    const email = { code: 'EMAIL_NOT_AVAILABLE', field: 'email' };
    const externalId = { code: 'EXTERNAL_ID_ALREADY_USED', field: 'externalId' };
    expect(await refused({ ...bothTaken, externalId: 'own' })).toEqual(email);
    expect(await refused({ ...bothTaken, externalId: 'free' })).toEqual(email);
    expect(await refused({ ...bothTaken, externalId: null })).toEqual(email);
    expect(await refused({ ...bothTaken, email: 'Own@example.com' })).toEqual(externalId);
    expect(await refused({ ...bothTaken, email: 'free@example.com' })).toEqual(externalId);
  });

  test('are told as well of updates that arrive together', async () => {
    const others = await Promise.all(Array.from({ length: 6 }, () => makeUser(t.app)));
    const answers = await Promise.all(others.map((other) => t.graphql(UpdateUser, { id: other.id, input: bothTaken })));
    for (const { errors } of answers) expect(errors?.[0]?.extensions).toMatchObject({ issues: bothIssues });
  });
});

describe('the neighbours', () => {
  test.each([
    ['EMAIL_NOT_AVAILABLE', 'email', { email: ' Taken@Example.com ' }],
    ['EXTERNAL_ID_ALREADY_USED', 'externalId', { email: 'new@example.com', externalId: 'taken' }],
  ])('createUser: USER_CREATION_ERROR with %s', async (code, field, input) => {
    const before = await dump(t.app);
    const { errors } = await t.graphql(CreateUser, { input });
    expect(errors?.[0]).toMatchObject({
      message: 'Could not create user.',
      extensions: { code: 'USER_CREATION_ERROR', issues: [{ field, code }] },
    });
    expect(await dump(t.app)).toEqual(before);
  });

  test('createUser: USER_CREATION_ERROR with both, where address and external id are taken', async () => {
    const { errors } = await t.graphql(CreateUser, { input: bothTaken });
    expect(errors?.[0]).toMatchObject({
      message: 'Could not create user.',
      extensions: { code: 'USER_CREATION_ERROR', issues: bothIssues },
    });
  });

  test('deleteUser answers the user as they were and takes identities and password along', async () => {
    const { data } = await t.graphql(DeleteUser, { id });
    expect(data?.deleteUser.id).toBe(id);
    const { users, identities, passwords } = await dump(t.app);
    expect([users, identities].flat().filter((row) => JSON.stringify(row).includes(id))).toEqual([]);
    expect(passwords.filter(({ userId }) => userId === id)).toEqual([]);
    expect((await t.graphql(DeleteUser, { id })).errors?.[0]?.extensions.code).toBe('ENTITY_NOT_FOUND');
  });

  test('linkIdentity and unlinkIdentity refuse what is not there, and count as changes of the user', async () => {
    const input = { provider: 'XERO_OAUTH' as const, idpId: `x-${id}` };
    const linked = await t.graphql(LinkIdentity, { userId: id, input });
    await t.graphql(UnlinkIdentity, { id: linked.data?.linkIdentity.id ?? '' });
    expect((await t.app.db.reader.user.findUnique({ where: { id } }))?.version).toBe(5);
    const before = await dump(t.app);
    const wrong = await Promise.all([
      t.graphql(LinkIdentity, { userId: unknownId, input }),
      t.graphql(UnlinkIdentity, { id: linked.data?.linkIdentity.id ?? '' }),
      t.graphql(LinkIdentity, { userId: id, input: { ...input, idpId: '', email: 'no address' } }),
    ]);
    expect(wrong.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual([
      'ENTITY_NOT_FOUND',
      'ENTITY_NOT_FOUND',
      'INVALID_REQUEST_PARAMETERS',
    ]);
    expect(await dump(t.app)).toEqual(before);
  });
});
