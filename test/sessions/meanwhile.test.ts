import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { unknownClient } from '../../src/sessions/client-metadata.ts';
import { revokeAllSessions } from '../../src/sessions/revoke.ts';
import { authenticateWithPassword } from '../../src/users/sign-in.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { makeSignedIn, password } from '../support/sessions.ts';
import { dump, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

/** The service, in which something happens right after a password was checked, or hashed: both take their time. */
function whilePassword(step: 'verify' | 'hash', happens: () => Promise<unknown>): App {
  let hasHappened = false;
  const passwords = {
    ...t.app.passwords,
    [step]: async (...args: never[]) => {
      const result = await (t.app.passwords[step] as (...given: never[]) => Promise<unknown>)(...args);
      if (!hasHappened) await happens();
      hasHappened = true;
      return result;
    },
  };
  return { ...t.app, passwords };
}

const sessionsOf = (userId: string) => t.app.db.reader.session.count({ where: { userId, endedAt: null } });

describe('while a sign-in checks the password', () => {
  const signIn = (app: App, email: string) =>
    authenticateWithPassword(app, { kind: 'anonymous', id: 'network' }, { email, password }, unknownClient);

  test('the address changes: there is no session for whoever knew the old one', async () => {
    const { id, email } = await makeUser(t.app, { emailVerified: true, password });
    const app = whilePassword('verify', () => updateUser(t.app, 'roster', id, { email: newAddress() }));
    await expect(signIn(app, email)).rejects.toMatchObject({ code: 'invalid_credentials' });
    expect(await sessionsOf(id)).toBe(0);
  });

  test('the address changes and comes back unverified: it has to be verified first', async () => {
    const { id, email } = await makeUser(t.app, { emailVerified: true, password });
    const app = whilePassword('verify', async () => {
      await updateUser(t.app, 'roster', id, { email: newAddress() });
      await updateUser(t.app, 'roster', id, { email });
    });
    await expect(signIn(app, email)).rejects.toMatchObject({ code: 'email_verification_required' });
    expect(await sessionsOf(id)).toBe(0);
  });

  test('a name changes: the sign-in goes on', async () => {
    const { id, email } = await makeUser(t.app, { emailVerified: true, password });
    const app = whilePassword('verify', () => updateUser(t.app, 'roster', id, { firstName: 'X' }));
    await signIn(app, email);
    expect(await sessionsOf(id)).toBe(1);
  });
});

test('while a user’s new password is hashed their session is revoked: the password stays', async () => {
  const { userId, sessionId } = await makeSignedIn(t);
  const before = await dump(t.app);
  const app = whilePassword('hash', () => revokeAllSessions(t.app, 'roster', userId));
  const input = { password: 'walnut trumpet glacier mitten', currentPassword: password };
  const principal = { kind: 'user', userId, sessionId, network: 'network' } as const;
  await expect(updateUser(app, principal, userId, input)).rejects.toMatchObject({ code: 'unauthorized' });
  expect(await dump(t.app)).toEqual(before);
});
