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
  /** A value that differs from the stored one; what makes another one each time, where no two users may have it. */
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
  email: { value: newAddress, null: refused },
  emailVerified: { value: true, null: refused },
  firstName: { value: 'Grace', null: { stores: null } },
  lastName: { value: 'Hopper', null: { stores: null } },
  name: { value: 'Grace Hopper', null: { stores: null } },
  externalId: { value: () => `customer-of-${newAddress()}`, null: { stores: null } },
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

interface Updated {
  /** All that can be set and read back; null where the update was refused. */
  user: Record<string, unknown> | null;
  error: { code: string; field?: string | null } | null;
}

/** The ways in which a user is updated. */
const ways: Record<string, (id: string, input: object) => Promise<Updated>> = {
  async updateUser(id, input) {
    const document = `mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { ${shown.join(' ')} } }`;
    const { data, errors } = await t.graphql<{ updateUser: Updated['user'] }, object>(document, { id, input });
    return { user: data?.updateUser ?? null, error: errors?.[0]?.extensions ?? null };
  },
  async updateUsers(id, input) {
    const document = `mutation ($updates: [UpdateUsersItem!]!) {
      updateUsers(updates: $updates) { results { user { ${shown.join(' ')} } error { code field } } }
    }`;
    const { data } = await t.graphql<{ updateUsers: { results: Updated[] } }, object>(document, {
      updates: [{ id, input }],
    });
    return data?.updateUsers.results[0] as Updated;
  },
};

/** What a preview says of an update. */
async function preview(id: string, input: object) {
  const document = `query ($id: ID!, $input: UpdateUserInput!) {
    previewUpdateUser(id: $id, input: $input) { wouldChange { field before after } problems { code field } version }
  }`;
  interface Preview {
    wouldChange: { field: string; before: unknown; after: unknown }[];
    problems: { code: string; field: string | null }[];
    version: number;
  }
  const { data } = await t.graphql<{ previewUpdateUser: Preview }, object>(document, { id, input });
  return data?.previewUpdateUser as Preview;
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

const fresh = (value: unknown): unknown => (typeof value === 'function' ? value() : value);

test('the table has every input field', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(userFields).sort());
});

describe.each(Object.entries(cases))('%s', (field, { value, with: others = {}, null: whenNull, secret }) => {
  describe.each(Object.entries(ways))('by %s', (_way, update) => {
    test('omitted stays as it is, while another field changes', async () => {
      const id = await storedUser();
      const before = await snapshot(id);
      const other = field === 'name' ? { lastName: 'King' } : { name: 'Ada King' };
      const { user } = await update(id, other);
      expect(user).toMatchObject({ ...other, version: 2 });
      const after = await snapshot(id);
      expect(after.password).toEqual(before.password);
      if (!secret) expect(after.user).toHaveProperty(field, before.user?.[field as 'name']);
    });

    test('null clears it where it can be empty, and is refused where it cannot', async () => {
      const id = await storedUser();
      const before = await snapshot(id);
      const { user, error } = await update(id, { [field]: null });
      if ('code' in whenNull) {
        expect(error).toMatchObject({ code: whenNull.code, field });
        expect(await snapshot(id)).toEqual(before);
      } else {
        expect(error).toBeNull();
        expect(user).toHaveProperty(field, whenNull.stores);
        expect((await snapshot(id)).user).toHaveProperty(field, whenNull.stores);
      }
    });

    test('a value is stored', async () => {
      const id = await storedUser();
      const before = await snapshot(id);
      const given = fresh(value);
      const { user, error } = await update(id, { [field]: given, ...others });
      expect(error).toBeNull();
      expect(user?.version).toBe(2);
      const after = await snapshot(id);
      if (secret) expect(after.password?.hash).not.toBe(before.password?.hash);
      else expect(user).toMatchObject({ [field]: given });
    });
  });

  test('a preview tells omitted, null and a value apart, and stores none', async () => {
    const id = await storedUser();
    const before = await snapshot(id);
    const other = field === 'name' ? 'lastName' : 'name';
    const omitted = await preview(id, { [other]: 'King' });
    expect(omitted.wouldChange.map((change) => change.field)).toEqual([other]);

    const cleared = await preview(id, { [field]: null });
    if ('code' in whenNull) {
      expect(cleared.problems).toMatchObject([{ code: whenNull.code, field }]);
      expect(cleared.wouldChange).toEqual([]);
    } else {
      expect(cleared.problems).toEqual([]);
      const isEmpty = before.user?.[field as 'name'] === whenNull.stores; // a field that is new
      expect(cleared.wouldChange).toMatchObject(isEmpty ? [] : [{ field, after: whenNull.stores }]);
    }

    const given = fresh(value);
    const changed = await preview(id, { [field]: given, ...others });
    expect(changed.problems).toEqual([]);
    const shownAs = secret
      ? { field: 'password' }
      : { field, after: field === 'metadata' ? { team: 'math', ...(given as object) } : given };
    expect(changed.wouldChange).toContainEqual(expect.objectContaining(shownAs));
    expect(await snapshot(id)).toEqual(before);
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
