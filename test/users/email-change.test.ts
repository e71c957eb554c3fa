import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findUser } from '../../src/users/find.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { LinkIdentity, SetUserManaged, UpdateUser } from '../support/documents.ts';
import { dump, linkAddresses, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

async function update(id: string, input: Record<string, unknown>) {
  const { data, errors } = await t.graphql(UpdateUser, { id, input });
  expect(errors).toBeUndefined();
  if (!data) throw new Error('no data');
  return data.updateUser;
}

async function verifiedUser(email: string, identityEmails: (string | null)[] = []) {
  const { id } = await makeUser(t.app, { email, emailVerified: true });
  await linkAddresses(t.app, id, identityEmails);
  return id;
}

describe('a changed address', () => {
  test('makes emailVerified false and leaves only the identities that match it', async () => {
    const [old, fresh] = [newAddress(), newAddress()];
    const id = await verifiedUser(old, [old, fresh, null, `other-${fresh}`]);
    const user = await update(id, { email: fresh });
    expect(user).toMatchObject({ email: fresh, emailVerified: false });
    expect(user.identities.map(({ email }) => email)).toEqual([fresh]);
    const { identities } = await dump(t.app);
    expect(identities.filter(({ userId }) => userId === id)).toHaveLength(1);
  });

  test('keeps the identity that matches in another case and spelling of the domain', async () => {
    const id = await verifiedUser(newAddress(), ['Zoë@XN--R8JZ45G.jp']);
    const user = await update(id, { email: 'zoë@例え.jp' });
    expect(user.identities).toHaveLength(1);
  });

  test('stays verified when the same input says so, and still unlinks', async () => {
    const id = await verifiedUser(newAddress(), [newAddress()]);
    const user = await update(id, { email: newAddress(), emailVerified: true });
    expect(user).toMatchObject({ emailVerified: true, identities: [] });
  });

  test('may come with emailVerified false', async () => {
    const id = await verifiedUser(newAddress());
    expect(await update(id, { email: newAddress(), emailVerified: false })).toMatchObject({ emailVerified: false });
  });

  test('back to the first address is a change again: A → B → A does not restore anything', async () => {
    const [a, b] = [newAddress(), newAddress()];
    const id = await verifiedUser(a, [a]);
    await update(id, { email: b });
    expect(await update(id, { email: a })).toMatchObject({
      email: a,
      emailVerified: false,
      identities: [],
      version: 4,
    });
  });

  test('frees the old address for somebody else', async () => {
    const old = newAddress();
    const id = await verifiedUser(old);
    await update(id, { email: newAddress() });
    await expect(makeUser(t.app, { email: old })).resolves.toMatchObject({ email: old });
  });

  test('touches the identities of no other user', async () => {
    const shared = newAddress();
    const other = await verifiedUser(newAddress(), [shared]);
    const id = await verifiedUser(newAddress(), [shared]);
    await update(id, { email: newAddress() });
    const { identities } = await dump(t.app);
    expect(identities.filter(({ userId }) => userId === other)).toHaveLength(1);
  });
});

describe('an address that did not change', () => {
  test.each([
    ['the same', (email: string) => email, 1],
    ['another case', (email: string) => email.toUpperCase(), 2],
    ['spaces around', (email: string) => `  ${email} `, 1],
    ['full-width letters', (email: string) => email.replace('u', 'ｕ'), 1],
  ])('%s: stays verified and keeps every identity', async (_how, type, changes) => {
    const email = newAddress();
    const id = await verifiedUser(email, [null, newAddress()]);
    const before = await t.app.db.reader.user.findUniqueOrThrow({ where: { id } });
    const user = await update(id, { email: type(email) });
    expect(user).toMatchObject({ email: type(email).trim().normalize('NFKC'), emailVerified: true });
    expect(user.identities).toHaveLength(2);
    expect(user.version).toBe(before.version + changes - 1);
  });
});

describe('what is stored of an address', () => {
  test('is the mailbox that was compared, never the typed one: of a user and of an identity', async () => {
    const id = await verifiedUser('Ⓥictim7@Example.com', ['ⓥictim7@example.com']);
    const user = await update(id, { email: 'ⓥICTIM7@example。com' });
    expect(user).toMatchObject({ email: 'vICTIM7@example.com', emailVerified: true });
    expect(user.identities).toMatchObject([{ email: 'victim7@example.com' }]);
    const found = await findUser(t.app, { email: 'ⓥictim7@example.com' });
    expect(found).toMatchObject({ id, email: 'vICTIM7@example.com' });
  });

  test('in a row of an earlier version stays as it was typed until an update gives the address again', async () => {
    const id = await verifiedUser('victim8@example.com');
    await t.app.db.transaction((tx) =>
      tx.prisma.user.update({ where: { id }, data: { email: 'ⓥictim8@example.com' } }),
    );
    expect(await update(id, { name: 'X' })).toMatchObject({ email: 'ⓥictim8@example.com' });
    expect(await update(id, { email: 'ⓥictim8@example.com' })).toMatchObject({
      email: 'victim8@example.com',
      emailVerified: true,
    });
  });
});

describe('a taken address', () => {
  test('is refused in any case and spelling, and nothing is written', async () => {
    await makeUser(t.app, { email: 'taken@bücher.example' });
    const id = await verifiedUser(newAddress(), [newAddress()]);
    const before = await dump(t.app);
    const input = { email: ' TAKEN@xn--bcher-kva.example', firstName: 'X' };
    const { errors } = await t.graphql(UpdateUser, { id, input });
    expect(errors).toMatchObject([
      { message: 'This email is not available.', extensions: { code: 'EMAIL_NOT_AVAILABLE', field: 'email' } },
    ]);
    expect(await dump(t.app)).toEqual(before);
  });
});

describe('a managed user', () => {
  test('keeps the address; its spelling and all else may change; unmanaged again, it may change', async () => {
    const email = newAddress();
    const id = await verifiedUser(email);
    await t.graphql(SetUserManaged, { id, managed: true });
    const { errors } = await t.graphql(UpdateUser, { id, input: { email: newAddress(), name: 'X' } });
    expect(errors).toMatchObject([{ extensions: { code: 'EMAIL_CHANGE_NOT_ALLOWED', field: 'email' } }]);
    expect(await update(id, { email: email.toUpperCase(), name: 'Y' })).toMatchObject({ name: 'Y', managed: true });
    await t.graphql(SetUserManaged, { id, managed: false });
    expect(await update(id, { email: newAddress() })).toMatchObject({ emailVerified: false });
  });
});

describe('linking', () => {
  test('the same identity twice answers the first one and changes nothing', async () => {
    const id = await verifiedUser(newAddress());
    const input = { provider: 'GITHUB_OAUTH' as const, idpId: 'octocat', email: newAddress() };
    const first = await t.graphql(LinkIdentity, { userId: id, input });
    const again = await t.graphql(LinkIdentity, { userId: id, input });
    expect(first.data?.linkIdentity).toMatchObject({ type: 'OAuth', ...input });
    expect(again.data).toEqual(first.data);
    expect((await t.app.db.reader.user.findUnique({ where: { id } }))?.version).toBe(2);
  });

  test('an identity of another user is refused', async () => {
    const input = { provider: 'SLACK_OAUTH' as const, idpId: 'U1' };
    await t.graphql(LinkIdentity, { userId: await verifiedUser(newAddress()), input });
    const before = await dump(t.app);
    const { errors } = await t.graphql(LinkIdentity, { userId: (await makeUser(t.app)).id, input });
    expect(errors).toMatchObject([{ extensions: { code: 'IDENTITY_ALREADY_LINKED', field: 'idpId' } }]);
    expect((await dump(t.app)).identities).toEqual(before.identities);
  });
});
