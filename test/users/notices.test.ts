import { describe, expect, onTestFinished, test } from 'vitest';
import type { MailMessage } from '../../src/db/database.ts';
import { linkIdentity, unlinkIdentity } from '../../src/users/identities.ts';
import { removePassword } from '../../src/users/remove-password.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { linkAddresses, makeUser, newAddress } from '../support/users.ts';

const password = 'wkqzvxmrhtbj';
const another = 'green lantern pillow sergeant';

async function open(settings: Record<string, string> = {}): Promise<TestApp> {
  const t = await createTestApp({ MAIL: 'log', ...settings });
  onTestFinished(t.close);
  return t;
}

const storedMails = ({ app }: TestApp) => app.db.reader.mailMessage.findMany({ orderBy: { id: 'asc' } });

function contentOf({ app }: TestApp, { id, sealedParameters }: MailMessage) {
  return JSON.parse(app.secrets.openSecret('mail parameters', id, String(sealedParameters)).toString());
}

describe('a user is told', () => {
  test('of a new address, at the old one, with what has gone with it, and not where it is', async () => {
    const t = await open();
    const { id, email } = await makeUser(t.app, { locale: 'fr', password });
    const next = 'new@another.example';
    await linkAddresses(t.app, id, [email, next]);
    await updateUser(t.app, 'roster', id, { email: next });
    const mail = (await storedMails(t)).at(-1) as MailMessage;
    expect(mail).toMatchObject({ template: 'email-changed', address: email, userId: id, locale: 'fr' });
    expect(contentOf(t, mail)).toEqual({ newEmail: 'n***@a***.example', providers: ['GoogleOAuth'] });
    expect(JSON.stringify(mail)).not.toContain(next);
  });

  test('of a new password, with what signs in besides', async () => {
    const t = await open();
    const { id, email } = await makeUser(t.app, { password });
    await linkAddresses(t.app, id, [null]);
    await updateUser(t.app, 'roster', id, { password: another });
    const mail = (await storedMails(t)).at(-1) as MailMessage;
    expect(mail).toMatchObject({ template: 'password-changed', address: email });
    expect(contentOf(t, mail)).toEqual({ providers: ['GoogleOAuth'] });
  });

  test('of both at once, at the address before', async () => {
    const t = await open();
    const { id, email } = await makeUser(t.app);
    await updateUser(t.app, 'roster', id, { email: newAddress(), password });
    expect((await storedMails(t)).map(({ template, address }) => [template, address])).toEqual([
      ['email-changed', email],
      ['password-changed', email],
    ]);
  });

  test('of an identity that is linked, once, and of one that is unlinked', async () => {
    const t = await open();
    const { id, email } = await makeUser(t.app);
    const account = { provider: 'GithubOAuth', idpId: '1', email };
    const identity = await linkIdentity(t.app, 'roster', id, account);
    await linkIdentity(t.app, 'roster', id, account);
    await linkIdentity(t.app, 'roster', id, { ...account, email: null });
    await unlinkIdentity(t.app, 'roster', identity.id);
    const mails = await storedMails(t);
    expect(mails.map((mail) => [mail.template, mail.address, contentOf(t, mail)])).toEqual([
      ['identity-linked', email, { provider: 'GithubOAuth' }],
      ['identity-unlinked', email, { providers: ['GithubOAuth'] }],
    ]);
  });

  test('of a password that is removed, where there was one', async () => {
    const t = await open();
    const { id } = await makeUser(t.app, { password });
    await removePassword(t.app, 'roster', id);
    await removePassword(t.app, 'roster', id);
    expect((await storedMails(t)).map(({ template }) => template)).toEqual(['password-removed']);
  });

  test('of each change of many that arrive together', async () => {
    const t = await open();
    const users = await Promise.all(Array.from({ length: 20 }, () => makeUser(t.app)));
    await Promise.all(users.map(({ id }) => updateUser(t.app, 'roster', id, { email: newAddress() })));
    const mails = await storedMails(t);
    expect(mails.map(({ address }) => address).sort()).toEqual(users.map(({ email }) => email).sort());
  });
});

describe('nobody is told', () => {
  test.each([
    ['of names', { firstName: 'Ada', name: 'Ada Lovelace' }],
    ['of metadata, locale and the verified flag', { metadata: { a: 'b' }, locale: 'de', emailVerified: true }],
  ])('%s', async (_what, input) => {
    const t = await open();
    const { id } = await makeUser(t.app);
    await updateUser(t.app, 'roster', id, input);
    expect(await storedMails(t)).toEqual([]);
  });

  test('of the same address in another case', async () => {
    const t = await open();
    const { id, email } = await makeUser(t.app);
    await updateUser(t.app, 'roster', id, { email: email.toUpperCase() });
    expect(await storedMails(t)).toEqual([]);
  });

  test('of a change that is refused', async () => {
    const t = await open();
    const [{ id }, { email }] = [await makeUser(t.app), await makeUser(t.app)];
    await expect(updateUser(t.app, 'roster', id, { email })).rejects.toThrow('not available');
    await expect(updateUser(t.app, 'roster', id, { email: newAddress() }, { expectedVersion: 7 })).rejects.toThrow();
    expect(await storedMails(t)).toEqual([]);
  });

  test.each([{ MAIL_NOTICES: 'false' }, { MAIL: 'off' }])('with %o', async (settings) => {
    const t = await open(settings);
    const { id } = await makeUser(t.app, { password });
    await updateUser(t.app, 'roster', id, { email: newAddress(), password: another });
    await linkAddresses(t.app, id, [null]);
    await removePassword(t.app, 'roster', id);
    expect(await storedMails(t)).toEqual([]);
  });
});
