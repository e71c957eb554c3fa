import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainFields, userFields } from '../../src/users/fields.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { forEachOwn, sampleOf } from '../support/own-fields.ts';
import { dump, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

interface FieldCase {
  /** A value that differs from the stored one. */
  value: unknown;
  /** What must be given with it. */
  with?: Record<string, unknown>;
  /** What null does: the value that is stored then, or the code that refuses it. */
  null: { stores: unknown } | { code: string };
  /** Whether the value can be read back. */
  secret?: boolean;
}

const refused = { code: 'INVALID_REQUEST_PARAMETERS' };
const bcryptHash = '$2b$10$abcdefghijklmnopqrstuuMZQpx0Np8UXlNYU5gRMVSpzqMTpcGGi';

const cases: Record<string, FieldCase> = {
  ...forEachOwn((field) => ({ value: sampleOf(field), null: { stores: null } })),
  email: { value: newAddress(), null: refused },
  emailVerified: { value: true, null: refused },
  firstName: { value: 'Grace', null: { stores: null } },
  lastName: { value: 'Hopper', null: { stores: null } },
  name: { value: 'Grace Hopper', null: { stores: null } },
  externalId: { value: 'customer-2', null: { stores: null } },
  metadata: { value: { plan: 'team', seat: '9' }, null: { stores: {} } },
  locale: { value: 'de-DE', null: { stores: null } },
  password: { value: 'wkqzvxmrhtbj', null: refused, secret: true },
  passwordHash: { value: bcryptHash, with: { passwordHashType: 'BCRYPT' }, null: refused, secret: true },
  passwordHashType: { value: 'BCRYPT', with: { passwordHash: bcryptHash }, null: refused, secret: true },
  passwordSaltPosition: {
    value: 'PREFIX',
    with: { passwordHash: `{SSHA256}${Buffer.alloc(40, 7).toString('base64')}`, passwordHashType: 'SSHA256' },
    null: refused,
    secret: true,
  },
};

const shown = ['email', 'emailVerified', ...Object.keys(plainFields), 'metadata', 'version'];

/** Updates a user and answers all that can be set and read back. */
function update(id: string, input: object) {
  const document = `mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { ${shown.join(' ')} } }`;
  return t.graphql<{ updateUser: Record<string, unknown> }, object>(document, { id, input });
}

async function storedUser() {
  const externalId = `customer-${Math.random()}`;
  const user = await makeUser(t.app, {
    firstName: 'Ada',
    lastName: 'Lovelace',
    name: 'Ada L.',
    externalId,
    metadata: { plan: 'pro', team: 'math' },
    locale: 'en-GB',
    password: 'a first passphrase of hers',
  });
  return user.id;
}

async function snapshot(id: string) {
  const { users, passwords } = await dump(t.app);
  return { user: users.find((user) => user.id === id), password: passwords.find((row) => row.userId === id) };
}

test('the table has every input field', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(userFields).sort());
});

describe.each(Object.entries(cases))('%s', (field, { value, with: others = {}, null: whenNull, secret }) => {
  test('omitted stays as it is, while another field changes', async () => {
    const id = await storedUser();
    const before = await snapshot(id);
    const other = field === 'name' ? { lastName: 'King' } : { name: 'Ada King' };
    const { data } = await update(id, other);
    expect(data?.updateUser).toMatchObject({ ...other, version: 2 });
    const after = await snapshot(id);
    expect(after.password).toEqual(before.password);
    if (!secret) expect(after.user).toHaveProperty(field, before.user?.[field as 'name']);
  });

  test('null clears it where it can be empty, and is refused where it cannot', async () => {
    const id = await storedUser();
    const before = await snapshot(id);
    const { data, errors } = await update(id, { [field]: null });
    if ('code' in whenNull) {
      expect(errors).toMatchObject([{ extensions: { code: whenNull.code, field } }]);
      expect(await snapshot(id)).toEqual(before);
    } else {
      expect(errors).toBeUndefined();
      expect(data?.updateUser).toHaveProperty(field, whenNull.stores);
      expect((await snapshot(id)).user).toHaveProperty(field, whenNull.stores);
    }
  });

  test('a value is stored', async () => {
    const id = await storedUser();
    const before = await snapshot(id);
    const { data, errors } = await update(id, { [field]: value, ...others });
    expect(errors).toBeUndefined();
    expect(data?.updateUser.version).toBe(2);
    const after = await snapshot(id);
    if (secret) expect(after.password?.hash).not.toBe(before.password?.hash);
    else expect(data?.updateUser).toMatchObject({ [field]: value });
  });

  test('null differs from omitted on the wire: an explicit null in the document counts too', async () => {
    const id = await storedUser();
    const { errors } = await t.graphql(`mutation { updateUser(id: "${id}", input: { ${field}: null }) { id } }`);
    if ('code' in whenNull) expect(errors?.[0]?.extensions).toMatchObject({ code: whenNull.code, field });
    else expect(errors).toBeUndefined();
  });
});

test('fills an argument from an omitted variable as omitted, not as null', async () => {
  const id = await storedUser();
  const document =
    'mutation ($id: ID!, $name: String) { updateUser(id: $id, input: { name: $name }) { name version } }';
  const { data } = await t.graphql<{ updateUser: unknown }, object>(document, { id });
  expect(data?.updateUser).toEqual({ name: 'Ada L.', version: 1 });
});
