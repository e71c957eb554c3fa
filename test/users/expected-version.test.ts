import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { makeSignedIn, signIn } from '../support/sessions.ts';
import { dump, linkAddresses, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

const version = 'expectedVersion: $version';
const writes: [name: string, field: string][] = [
  ['updateUser', `updateUser(id: $id, input: { firstName: "X" }, ${version}) { id }`],
  ['deleteUser', `deleteUser(id: $id, ${version}) { id }`],
  ['setUserManaged', `setUserManaged(id: $id, managed: true, ${version}) { id }`],
  ['removePassword', `removePassword(userId: $id, ${version}) { id }`],
  ['linkIdentity', `linkIdentity(userId: $id, input: { provider: X_OAUTH, idpId: "IDP" }, ${version}) { id }`],
  ['unlinkIdentity', `unlinkIdentity(id: $id, ${version}) { id }`],
];

/** A user with a password and an identity, and a write of them, or of their identity, with an expected version. */
async function prepare(name: string, field: string) {
  const user = await makeUser(t.app, { password: 'wkqzvxmrhtbj' });
  const [identity] = await linkAddresses(t.app, user.id, [null]);
  const id = name === 'unlinkIdentity' ? identity?.id : user.id;
  const document = `mutation ($id: ID!, $version: Int) { ${field.replace('IDP', `idp-${user.id}`)} }`;
  return async (expected: number | null | undefined) => {
    const { data, errors } = await t.graphql<Record<string, unknown>, object>(document, { id, version: expected });
    return errors?.[0]?.extensions ?? data;
  };
}

describe.each(writes)('%s', (name, field) => {
  test.each([1, 3, 0, -1])(
    'of version %i, when it is another one, is refused, and nothing changes',
    async (expected) => {
      const write = await prepare(name, field);
      const before = await dump(t.app);
      expect(await write(expected)).toMatchObject({ code: 'VERSION_MISMATCH', currentVersion: 2 });
      expect(await dump(t.app)).toEqual(before);
    },
  );

  test.each([2, null, undefined])('of version %s, which is the current one or any, is done', async (expected) => {
    const write = await prepare(name, field);
    expect(await write(expected)).toHaveProperty(name);
  });
});

test('an identity is linked to the user that was meant, or not at all, when their email changes beside it', async () => {
  const link = `mutation ($id: ID!, $idp: String!, $email: EmailAddress, $version: Int) {
    linkIdentity(userId: $id, input: { provider: GOOGLE_OAUTH, idpId: $idp, email: $email }, expectedVersion: $version) { id }
  }`;
  const change = 'mutation ($id: ID!, $email: EmailAddress!) { updateUser(id: $id, input: { email: $email }) { id } }';
  for (let round = 0; round < 30; round += 1) {
    const { id, email, version } = await makeUser(t.app);
    const asked = { linked: { id, idp: `race-${id}`, email, version }, changed: { id, email: newAddress() } };
    const calls = [() => t.graphql(link, asked.linked), () => t.graphql(change, asked.changed)];
    const [linked] = await Promise.all((round % 2 ? calls : calls.reverse()).map((call) => call()));
    expect(linked).toBeDefined();
    const identities = await t.app.db.reader.identity.findMany({ where: { userId: id } });
    expect(identities).toEqual([]); // refused, or linked before and unlinked by the change
  }
});

describe('removePassword', () => {
  const remove = 'mutation ($id: ID!) { removePassword(userId: $id) { id version updatedAt } }';

  test('takes the password away, ends every session, and the user signs in no more', async () => {
    const { userId, email, accessToken } = await makeSignedIn(t);
    const second = await signIn(t, email);
    const before = await t.app.db.reader.user.findUniqueOrThrow({ where: { id: userId } });
    const { data } = await t.graphql<{ removePassword: { version: number } }, object>(remove, { id: userId });
    expect(data?.removePassword).toMatchObject({ id: userId, version: before.version + 1 });
    await expect(signIn(t, email)).rejects.toThrow('INVALID_CREDENTIALS');
    for (const token of [accessToken, second.accessToken]) {
      expect((await t.graphql('{ viewer { id } }', {}, token)).errors?.[0]?.extensions.code).toBe('UNAUTHORIZED');
    }
    expect(await t.app.db.reader.password.findUnique({ where: { userId } })).toBeNull();
  });

  test('of a user without one changes nothing and ends no session', async () => {
    const { id } = await makeUser(t.app);
    const before = await dump(t.app);
    expect((await t.graphql<{ removePassword: object }, object>(remove, { id })).data?.removePassword).toMatchObject({
      id,
      version: 1,
    });
    expect(await dump(t.app)).toEqual(before);
  });

  test('is undone by a new password, which counts as ever', async () => {
    const { userId, email } = await makeSignedIn(t);
    await t.graphql(remove, { id: userId });
    const set = 'mutation ($id: ID!, $p: String!) { updateUser(id: $id, input: { password: $p }) { id } }';
    expect((await t.graphql(set, { id: userId, p: 'another purple tractor' })).errors).toBeUndefined();
    await expect(signIn(t, email)).rejects.toThrow('INVALID_CREDENTIALS');
  });

  test('of an unknown user is refused', async () => {
    const { errors } = await t.graphql(remove, { id: 'user_x' });
    expect(errors?.[0]?.extensions.code).toBe('ENTITY_NOT_FOUND');
  });

  test('beside a sign-in under way leaves no session alive', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { userId, email } = await makeSignedIn(t);
      await Promise.allSettled([signIn(t, email), t.graphql(remove, { id: userId }), signIn(t, email)]);
      const alive = await t.app.db.reader.session.count({ where: { userId, endedAt: null } });
      expect(alive).toBe(0);
    }
  });

  test('needs the scope users:credentials, and no other to take it away', async () => {
    const { id } = await makeUser(t.app, { password: 'wkqzvxmrhtbj' });
    const document = 'mutation ($id: ID!) { removePassword(userId: $id) { __typename } }';
    const without = await t.app.apiKeys.create('without', ['users:read', 'users:write', 'sessions:write']);
    const refused = await t.graphql(document, { id }, without.key);
    expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const { key } = await t.app.apiKeys.create('credentials', ['users:credentials', 'users:read']);
    expect((await t.graphql(document, { id }, key)).errors).toBeUndefined();
  });

  test('leaves the sessions where a change of the password would', async () => {
    const lax = await createTestApp({ PASSWORD_CHANGE_ENDS_SESSIONS: 'false' });
    const { userId, accessToken } = await makeSignedIn(lax);
    await lax.graphql(remove, { id: userId });
    expect((await lax.graphql('{ viewer { id } }', {}, accessToken)).errors).toBeUndefined();
    await lax.close();
  });
});
