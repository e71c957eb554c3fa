import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredPassword } from '../../src/passwords/stored-password.ts';
import { type CarriedVector, carriedVectors, storedOf } from '../passwords/carried-vectors.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { AuthenticateWithPassword, UpdateUser } from '../support/documents.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  // More lanes than any of the vectors has, so that each of them is hashed anew.
  t = await createTestApp({ SIGN_IN_FAILURES_PER_CALLER: '100000', ARGON2_PARALLELISM: '3' });
});
afterAll(() => t.close());

const signIn = (email: string, password: string) => t.graphql(AuthenticateWithPassword, { email, password }, null);
const rowOf = (userId: string) => t.app.db.reader.password.findUniqueOrThrow({ where: { userId } });

/** A user with this row, as an import leaves them. */
async function carriedUser(stored: StoredPassword) {
  const user = await makeUser(t.app, { emailVerified: true });
  const row = { ...stored, userId: user.id, origin: 'imported', changedAt: new Date() };
  await t.app.db.transaction((tx) => tx.prisma.password.create({ data: row }));
  return user;
}

/** What makes two hashes of one kind: where they come from and, wrapped, all the settings that are no salt. */
async function kindOf(vector: CarriedVector): Promise<string> {
  const { type, hash } = await storedOf(vector);
  const [, , , name, settings = ''] = hash.split('$');
  const costs = settings.replace(/(?:salt|before|after|key)=[^,]*/g, (pair) =>
    pair.endsWith('=') ? '' : (pair.split('=')[0] ?? ''),
  );
  return type === 'wrapped' ? `${name} ${costs}` : `${type} ${vector.by}`;
}

const kinds = new Map<string, CarriedVector>();
for (const vector of carriedVectors) kinds.set(await kindOf(vector), vector);

test.each([...kinds])('%s: the old password signs in, and argon2id is stored', async (_kind, vector) => {
  const stored = await storedOf(vector);
  const { id, email } = await carriedUser(stored);
  expect((await signIn(email, `${vector.password}x`)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
  expect(await rowOf(id)).toMatchObject(stored);

  const first = await signIn(email, vector.password);
  expect(first.errors).toBeUndefined();
  expect(first.data?.authenticateWithPassword.user.id).toBe(id);
  expect(await rowOf(id)).toMatchObject({
    hash: expect.stringMatching(/^\$argon2id\$v=19\$m=4096,t=1,p=3\$/),
    type: 'argon2',
    saltPosition: null,
  });
  expect((await signIn(email, vector.password)).errors).toBeUndefined();
  expect((await signIn(email, `${vector.password}x`)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
});

const wrappedVector = carriedVectors.find(({ type }) => type === 'wrapped') as CarriedVector;

describe('a wrapped hash that somebody has changed in the table', () => {
  test.each([
    ['its tag', /.{4}$/, 'AAAA'],
    ['its function', /\$pbkdf2\$/, '$digest$'],
    ['its iterations', /i=20000/, 'i=20001'],
    ['its digest', /d=sha256/, 'd=sha1'],
    ['its salt', /salt=./, 'salt=A'],
    ['the salt around it', /p=1\$.{4}/, 'p=1$AAAA'],
    ['the iterations out of bounds', /i=20000/, 'i=2000000000'],
    ['the cost around it out of bounds', /m=4096/, 'm=8388608'],
  ])('%s: matches nothing, and stays', async (_what, part, other) => {
    const { hash, ...rest } = await storedOf(wrappedVector);
    const stored = { ...rest, hash: hash.replace(part, () => other) };
    expect(stored.hash).not.toBe(hash);
    const { id, email } = await carriedUser(stored);
    const answer = await signIn(email, wrappedVector.password);
    expect(answer.errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
    expect(await rowOf(id)).toMatchObject(stored);
  });
});

describe('what only an import brings', () => {
  const types = ['BCRYPT', 'FIREBASE_SCRYPT', 'SSHA', 'SSHA256', 'SCRYPT', 'PBKDF2', 'ARGON2'] as const;

  test.each([...kinds].filter(([, { type }]) => /^(?:wrapped|.*-(?:sha256|wordpress|nfkc))$/.test(type)))(
    '%s: refused by updateUser and by REST, as it came and as it is stored, under every type',
    async (_kind, vector) => {
      const { id } = await makeUser(t.app);
      const stored = await storedOf(vector);
      // The rows of bcrypt and of scrypt look like any other of theirs: it is the type that tells them apart.
      const spellings = stored.type === 'wrapped' ? [vector.hash, stored.hash] : [vector.hash];
      for (const passwordHash of spellings) {
        for (const passwordHashType of types) {
          const { errors } = await t.graphql(UpdateUser, { id, input: { passwordHash, passwordHashType } });
          expect(errors?.[0]?.extensions.code).toBe('INVALID_PASSWORD_HASH');
        }
      }
      const body = { password_hash: stored.hash, password_hash_type: stored.type };
      const headers = { authorization: `Bearer ${t.key}`, 'content-type': 'application/json' };
      const put = { method: 'PUT', headers, body: JSON.stringify(body) };
      expect((await t.fetch(`/user_management/users/${id}`, put)).status).toBe(422);
      expect(await t.app.db.reader.password.findUnique({ where: { userId: id } })).toBeNull();
    },
  );

  test('shows nowhere: not in GraphQL, REST, events or the log, and the schema does not name it', async () => {
    const stored = await storedOf(wrappedVector);
    const { id, email } = await carriedUser(stored);
    await signIn(email, wrappedVector.password);
    const headers = { authorization: `Bearer ${t.key}` };
    const shown = [
      await (await t.fetch(`/user_management/users/${id}`, { headers })).text(),
      JSON.stringify((await t.graphql(UpdateUser, { id, input: { firstName: 'A' } })).data),
      JSON.stringify(await t.app.db.reader.event.findMany(), (_key, value) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
      t.logged(),
    ].join('\n');
    expect(shown).toContain(id);
    expect(shown).not.toMatch(/wrapped|pbkdf2|argon2id/);
    const schema = await t.graphql('{ __type(name: "PasswordHashType") { enumValues { name } } }');
    expect(JSON.stringify(schema.data)).not.toMatch(/WRAPPED|NFKC|WORDPRESS/);
  });
});

test('a password of ours that is set afterwards takes the place of a wrapped one', async () => {
  const { id, email } = await carriedUser(await storedOf(wrappedVector));
  const password = 'another passphrase of many words';
  expect((await t.graphql(UpdateUser, { id, input: { password } })).errors).toBeUndefined();
  expect((await signIn(email, wrappedVector.password)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
  expect((await signIn(email, password)).errors).toBeUndefined();
});
