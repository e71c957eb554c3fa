import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createCode } from '../../src/codes/create.ts';
import { revokeAllSessions } from '../../src/sessions/revoke.ts';
import { confirmEmailChange } from '../../src/users/confirm-email-change.ts';
import { sendEmailChange } from '../../src/users/email-change.ts';
import { setUserManaged } from '../../src/users/managed.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { codeMailedTo, expireCodes, mailedTo, otherThan } from '../support/codes.ts';
import { makeSignedIn, password, type SignedIn, signIn } from '../support/sessions.ts';
import { dump, linkAddresses, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'log' });
});
afterAll(() => t.close());

const send = (id: string, newEmail: string, given = t) => sendEmailChange(given.app, 'roster', id, { newEmail });
const confirm = (id: string, code: string, given = t) => confirmEmailChange(given.app, 'roster', id, code);
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => error.code,
  );
const templatesTo = async (address: string, given = t) =>
  (await mailedTo(given, address)).map(({ template }) => template);
const stored = (id: string, given = t) => given.app.db.reader.user.findUniqueOrThrow({ where: { id } });

const Send = `mutation ($id: ID!, $to: EmailAddress!, $password: String) {
  sendEmailChange(userId: $id, newEmail: $to, currentPassword: $password) {
    newEmail createdAt expiresAt user { id email identities { id } }
  }
}`;
const Confirm = `mutation ($id: ID!, $code: String!) {
  confirmEmailChange(userId: $id, code: $code) { id email emailVerified version identities { email } }
}`;
// biome-ignore lint/suspicious/noExplicitAny: whatever was answered
const ask = async (document: string, variables: object, credentials?: string): Promise<any> => {
  const { data, errors } = await t.graphql(document, variables, credentials);
  return errors?.[0]?.extensions ?? data;
};
const isAlive = async ({ accessToken }: SignedIn) => !('code' in (await ask('{ viewer { id } }', {}, accessToken)));

describe('a backend', () => {
  test('has a code mailed to the new address, and changes to it by that, with all that follows from an update', async () => {
    const { id, email } = await makeUser(t.app, { password });
    const to = 'New.Address@example.com';
    await linkAddresses(t.app, id, [email, to.toLowerCase()]);
    const { sendEmailChange: change } = await ask(Send, { id, to });
    expect(change).toMatchObject({ newEmail: to, user: { id, email } });
    expect(Date.parse(change.expiresAt) - Date.parse(change.createdAt)).toBe(600_000);
    expect([await templatesTo(to), (await templatesTo(email)).slice(2)]).toEqual([
      ['email-change'],
      ['email-change-requested'],
    ]);
    const { confirmEmailChange: user } = await ask(Confirm, { id, code: await codeMailedTo(t, to) });
    expect(user).toEqual({
      id,
      email: to,
      emailVerified: true,
      version: 4,
      identities: [{ email: to.toLowerCase() }],
    });
    expect((await templatesTo(email)).slice(2)).toEqual(['email-change-requested', 'email-changed']);
    expect(await t.app.db.reader.password.count({ where: { userId: id } })).toBe(1);
  });

  test('ends all sessions of the user by that, as by an update', async () => {
    const signedIn = await makeSignedIn(t);
    const to = newAddress();
    await send(signedIn.userId, to);
    await confirm(signedIn.userId, await codeMailedTo(t, to));
    const where = { id: signedIn.sessionId };
    expect((await t.app.db.reader.session.findUniqueOrThrow({ where })).endedAt).not.toBeNull();
  });

  test('is told at once why not', async () => {
    const { id, email } = await makeUser(t.app);
    const other = await makeUser(t.app);
    expect(await codeOf(send(id, email.toUpperCase()))).toBe('email_change_not_needed');
    expect(await codeOf(send(id, other.email.toUpperCase()))).toBe('email_not_available');
    expect(await codeOf(send(id, 'nonsense'))).toBe('invalid_email');
    expect(await codeOf(send('user_x', newAddress()))).toBe('entity_not_found');
    expect(await codeOf(send('user_\u0000', newAddress()))).toBe('entity_not_found');
    await setUserManaged(t.app, 'roster', id, true);
    expect(await codeOf(send(id, newAddress()))).toBe('email_change_not_allowed');
    expect(await t.app.db.reader.mailMessage.count({ where: { userId: id } })).toBe(0);
    expect(await templatesTo(other.email)).toEqual([]);
  });

  test('hears of each code why it does not count', async () => {
    const { id } = await makeUser(t.app);
    const to = newAddress();
    expect(await codeOf(confirm(id, '123456'))).toBe('no_pending_email_change');
    await send(id, to);
    const code = await codeMailedTo(t, to);
    expect(await codeOf(confirm(id, otherThan(code)))).toBe('email_change_code_incorrect');
    await expireCodes(t, { emailCanonical: to });
    expect(await codeOf(confirm(id, code))).toBe('email_change_code_expired');
    expect(await codeOf(confirm('user_x', code))).toBe('entity_not_found');
    expect((await stored(id)).version).toBe(1);
  });

  test('hears of a code that was used, and of another one after it', async () => {
    const { id } = await makeUser(t.app);
    const to = newAddress();
    await send(id, to);
    const code = await codeMailedTo(t, to);
    expect(await codeOf(confirm(id, ` ${code.slice(0, 3)}-${code.slice(3)}`))).toBe('done');
    expect(await codeOf(confirm(id, code))).toBe('email_change_code_previously_used');
    expect(await codeOf(confirm(id, otherThan(code)))).toBe('no_pending_email_change');
  });

  test('hears after five wrong codes, also of the right one then, that it was too often', async () => {
    const { id } = await makeUser(t.app);
    const to = newAddress();
    await send(id, to);
    const code = await codeMailedTo(t, to);
    for (let i = 0; i < 5; i += 1) {
      expect(await codeOf(confirm(id, otherThan(code)))).toBe('email_change_code_incorrect');
    }
    expect(await codeOf(confirm(id, code))).toBe('email_change_too_many_attempts');
    expect((await stored(id)).version).toBe(1);
  });
});

/** A change that was asked for before; the limits of mails would let half a minute pass. */
async function sentBefore(userId: string, email: string, given = t): Promise<string> {
  const holder = { userId, email, emailCanonical: email };
  const purpose = 'email_change';
  const roster = { requester: 'owner', id: null } as const;
  return (await given.app.db.transaction((tx) => createCode(given.app, tx, purpose, holder, roster))).secret;
}

describe('a pending change', () => {
  test('is replaced by the next one, of which the code alone counts, and the tries go on', async () => {
    const { id } = await makeUser(t.app);
    const [first, second] = [newAddress(), newAddress()];
    const old = await sentBefore(id, first);
    for (let i = 0; i < 2; i += 1) {
      expect(await codeOf(confirm(id, otherThan(old)))).toBe('email_change_code_incorrect');
    }
    await send(id, second);
    const code = await codeMailedTo(t, second);
    if (old !== code) expect(await codeOf(confirm(id, old))).toBe('email_change_code_incorrect');
    const rows = await t.app.db.reader.oneTimeCode.findMany({ where: { userId: id }, orderBy: { id: 'asc' } });
    expect(rows.map(({ email, endedAt, ownAttempts }) => [email, endedAt === null, ownAttempts])).toEqual([
      [first, false, 2],
      [second, true, old === code ? 2 : 3],
    ]);
    await confirm(id, code);
    expect((await stored(id)).email).toBe(second);
  });

  test('is one of a hundred sends at once: one mail, one code', async () => {
    const { id, email } = await makeUser(t.app);
    const to = newAddress();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => codeOf(send(id, to))));
    expect(outcomes.filter((outcome) => outcome !== 'daily_quota_exceeded')).toEqual(['done']);
    expect([await templatesTo(to), await templatesTo(email)]).toEqual([['email-change'], ['email-change-requested']]);
    expect(await t.app.db.reader.oneTimeCode.count({ where: { userId: id } })).toBe(1);
  });

  test('is over where the password, or the address, was changed, or a provider took over', async () => {
    for (const end of [
      (id: string) => updateUser(t.app, 'roster', id, { password }),
      (id: string) => updateUser(t.app, 'roster', id, { email: newAddress() }),
      (id: string) => setUserManaged(t.app, 'roster', id, true),
    ]) {
      const { id } = await makeUser(t.app);
      const code = await sentBefore(id, newAddress());
      await end(id);
      expect(await codeOf(confirm(id, code))).toBe('no_pending_email_change');
    }
  });

  test('finds the address taken by then: nothing changes, and the code is not used up', async () => {
    const { id } = await makeUser(t.app);
    const to = newAddress();
    const code = await sentBefore(id, to);
    const other = await makeUser(t.app, { email: to });
    expect(await codeOf(confirm(id, code))).toBe('email_not_available');
    expect((await stored(id)).version).toBe(1);
    await updateUser(t.app, 'roster', other.id, { email: newAddress() });
    expect(await codeOf(confirm(id, code))).toBe('done');
  });

  test('of fifty who come with the right code at once, one changes, once', async () => {
    const { id } = await makeUser(t.app);
    const code = await sentBefore(id, newAddress());
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => codeOf(confirm(id, code))));
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect((await stored(id)).version).toBe(2);
  });

  test('of fifty guesses at once, five are compared', async () => {
    const { id } = await makeUser(t.app);
    const code = await sentBefore(id, newAddress());
    const guesses = Array.from({ length: 50 }, () => codeOf(confirm(id, otherThan(code))));
    const compared = (await Promise.all(guesses)).filter((outcome) => outcome === 'email_change_code_incorrect');
    expect(compared).toHaveLength(5);
    expect(await codeOf(confirm(id, code))).not.toBe('done');
  });
});

describe('a signed-in user', () => {
  test('gives the current password, changes their own address, and goes on; their other sessions end', async () => {
    const asking = await makeSignedIn(t);
    const other = await signIn(t, asking.email);
    const to = newAddress();
    const { userId: id, accessToken } = asking;
    expect(await ask(Send, { id, to, password }, accessToken)).toMatchObject({ sendEmailChange: { newEmail: to } });
    const answer = await ask(Confirm, { id, code: await codeMailedTo(t, to) }, accessToken);
    expect(answer).toMatchObject({ confirmEmailChange: { email: to, emailVerified: true } });
    expect([await isAlive(asking), await isAlive(other)]).toEqual([true, false]);
  });

  test('is refused without it, or with a wrong one, and nothing is sent', async () => {
    const { userId: id, accessToken } = await makeSignedIn(t);
    const to = newAddress();
    const refusal = { field: 'currentPassword' };
    expect(await ask(Send, { id, to }, accessToken)).toMatchObject({ code: 'INVALID_REQUEST_PARAMETERS', ...refusal });
    const wrong = await ask(Send, { id, to, password: 'a guess' }, accessToken);
    expect(wrong).toMatchObject({ code: 'INVALID_CREDENTIALS', ...refusal });
    expect(await t.app.db.reader.oneTimeCode.count({ where: { userId: id } })).toBe(0);
    expect(await mailedTo(t, to)).toEqual([]);
  });

  test('who has no password signed in at most ten minutes ago', async () => {
    const { userId: id, accessToken, sessionId } = await makeSignedIn(t);
    await t.app.db.transaction((tx) => tx.prisma.password.delete({ where: { userId: id } }));
    const since = (minutes: number) => {
      const data = { createdAt: new Date(Date.now() - minutes * 60_000) };
      return t.app.db.transaction((tx) => tx.prisma.session.update({ where: { id: sessionId }, data }));
    };
    await since(11);
    const refused = await ask(Send, { id, to: newAddress() }, accessToken);
    expect(refused.code).toBe('INSUFFICIENT_USER_AUTHENTICATION');
    await since(9);
    expect(await ask(Send, { id, to: newAddress() }, accessToken)).toHaveProperty('sendEmailChange');
  });

  test('does not hear that somebody has the address: that one is told, and no code is mailed', async () => {
    const { userId: id, email, accessToken } = await makeSignedIn(t);
    const other = await makeUser(t.app);
    const { sendEmailChange: taken } = await ask(Send, { id, to: other.email, password }, accessToken);
    expect(Object.keys(taken)).toEqual(['newEmail', 'createdAt', 'expiresAt', 'user']);
    expect(taken).toMatchObject({ newEmail: other.email, user: { id, email } });
    expect(await templatesTo(other.email)).toEqual(['email-taken']);
    expect(await templatesTo(email)).toEqual(['email-change-requested']);
    const { code } = await ask(Confirm, { id, code: '123456' }, accessToken);
    expect(code).toBe('EMAIL_CHANGE_CODE_INCORRECT');
  });

  test('whose session has ended neither asks for a change nor confirms one', async () => {
    const { userId: id, accessToken } = await makeSignedIn(t);
    const to = newAddress();
    const code = await sentBefore(id, to);
    await revokeAllSessions(t.app, 'roster', id);
    expect((await ask(Send, { id, to, password }, accessToken)).code).toBe('UNAUTHORIZED');
    expect((await ask(Confirm, { id, code }, accessToken)).code).toBe('UNAUTHORIZED');
    expect((await stored(id)).version).toBe(1);
  });

  test('changes nobody else, who does not exist to them', async () => {
    const { accessToken } = await makeSignedIn(t);
    const { id } = await makeUser(t.app);
    const code = await sentBefore(id, newAddress());
    expect((await ask(Send, { id, to: newAddress(), password }, accessToken)).code).toBe('ENTITY_NOT_FOUND');
    expect((await ask(Confirm, { id, code }, accessToken)).code).toBe('ENTITY_NOT_FOUND');
  });
});

describe('EMAIL_CHANGE_CONFIRM=both', () => {
  async function open(): Promise<TestApp> {
    const given = await createTestApp({ MAIL: 'log', EMAIL_CHANGE_CONFIRM: 'both' });
    onTestFinished(given.close);
    return given;
  }

  test('asks the verified address so far first, and changes nothing by that', async () => {
    const given = await open();
    const { id, email } = await makeUser(given.app, { emailVerified: true });
    const to = newAddress();
    await send(id, to, given);
    expect([await templatesTo(email, given), await templatesTo(to, given)]).toEqual([['email-change-approval'], []]);
    const approval = await codeMailedTo(given, email);
    expect(await codeOf(confirm(id, otherThan(approval), given))).toBe('email_change_code_incorrect');
    expect(await confirm(id, approval, given)).toMatchObject({ email, version: 1 });
    expect(await templatesTo(to, given)).toEqual(['email-change']);
    expect(await confirm(id, await codeMailedTo(given, to), given)).toMatchObject({ email: to, version: 2 });
    expect(await templatesTo(email, given)).toEqual(['email-change-approval', 'email-changed']);
  });

  test('begins anew where another change is asked for after the first code', async () => {
    const given = await open();
    const { id, email } = await makeUser(given.app, { emailVerified: true });
    const code = await sentBefore(id, newAddress(), given);
    await send(id, newAddress(), given);
    if (code !== (await codeMailedTo(given, email)))
      expect(await codeOf(confirm(id, code, given))).toBe('email_change_code_incorrect');
    expect((await stored(id, given)).version).toBe(1);
  });

  test('asks the new address alone where the one so far is not verified', async () => {
    const given = await open();
    const { id, email } = await makeUser(given.app);
    const to = newAddress();
    await send(id, to, given);
    expect(await templatesTo(email, given)).toEqual(['email-change-requested']);
    expect(await confirm(id, await codeMailedTo(given, to), given)).toMatchObject({ email: to });
  });
});

test('MAIL=off: no code could ever be known, so none is made, and the error says what to do', async () => {
  const given = await createTestApp({ MAIL: 'off' });
  onTestFinished(given.close);
  const { id } = await makeUser(given.app);
  await expect(send(id, newAddress(), given)).rejects.toThrow('MAIL=off');
  expect(await given.app.db.reader.oneTimeCode.count()).toBe(0);
});

test('a refused send writes nothing, and no line of the log has a code, a password or an address', async () => {
  const { userId: id, accessToken } = await makeSignedIn(t);
  const before = await dump(t.app);
  const to = `secret-${newAddress()}`;
  await ask(Send, { id, to, password: 'a guess at it' }, accessToken);
  expect(await dump(t.app)).toEqual(before);
  await ask(Send, { id, to, password }, accessToken);
  const code = await codeMailedTo(t, to);
  await ask(Confirm, { id, code: otherThan(code) }, accessToken);
  await ask(Confirm, { id, code }, accessToken);
  const secrets = [code, otherThan(code), 'a guess at it', password, to];
  expect(secrets.filter((secret) => t.logged().includes(secret))).toEqual([]);
});
