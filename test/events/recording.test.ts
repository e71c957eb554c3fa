import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DomainError } from '../../src/errors.ts';
import { allEventTypes, eventTypes } from '../../src/events/event-types.ts';
import { schema } from '../../src/graphql/schema/schema.ts';
import type { Actor, Principal } from '../../src/principal/principal.ts';
import { allScopes } from '../../src/principal/scopes.ts';
import { refreshSession } from '../../src/sessions/refresh.ts';
import { revokeAllSessions, revokeSession } from '../../src/sessions/revoke.ts';
import { confirmEmailChange } from '../../src/users/confirm-email-change.ts';
import { confirmPasswordReset } from '../../src/users/confirm-password-reset.ts';
import { createUser } from '../../src/users/create.ts';
import { deleteUser } from '../../src/users/delete.ts';
import { sendEmailChange } from '../../src/users/email-change.ts';
import { confirmEmailVerification, sendEmailVerification } from '../../src/users/email-verification.ts';
import { unlinkIdentity } from '../../src/users/identities.ts';
import { setUserManaged } from '../../src/users/managed.ts';
import { createPasswordReset, requestPasswordReset } from '../../src/users/password-reset.ts';
import { removePassword } from '../../src/users/remove-password.ts';
import { requestSignInCode } from '../../src/users/requested-sign-in-code.ts';
import { authenticateWithPassword } from '../../src/users/sign-in.ts';
import { authenticateWithEmailVerification } from '../../src/users/sign-in-after-verification.ts';
import { createSignInCode } from '../../src/users/sign-in-code.ts';
import { authenticateWithCode } from '../../src/users/sign-in-with-code.ts';
import { updateUser } from '../../src/users/update.ts';
import { updateUsers } from '../../src/users/update-many.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { codeMailedTo, otherThan, shownCode } from '../support/codes.ts';
import { recordedBy } from '../support/events.ts';
import { makeSignedIn, signIn } from '../support/sessions.ts';
import { linkAddresses, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAX_SESSIONS_PER_USER: '3', MAIL: 'log', PASSWORD_RESET_URL: 'https://app.example/reset' });
});
afterAll(() => t.close());

const backend: Actor = {
  kind: 'api-key',
  id: 'key_x',
  name: 'backend',
  scopes: ['users:write'],
  requestId: 'request-1',
};
const password = 'wkqzvxmrhtbj';

const signingIn: Principal = { kind: 'api-key', id: 'key_y', name: 'sign-in', scopes: allScopes };
const nobody: Principal = { kind: 'anonymous', id: '192.0.2.1' };
const client = { ipAddress: '192.0.2.1', userAgent: null };

/** The refusal of a sign-in whose address is not verified. */
async function signInOf(email: string): Promise<DomainError> {
  const refused = authenticateWithPassword(t.app, signingIn, { email, password }, client);
  return refused.then(
    () => Promise.reject(new Error('It was not refused.')),
    (error: DomainError) => error,
  );
}

/** What each mutation records; one that is not here, or records nothing, fails. */
const mutations: Record<string, () => Promise<[work: () => Promise<unknown>, types: string[]]>> = {
  async createUser() {
    return [() => createUser(t.app, 'roster', { email: newAddress() }), ['user.created']];
  },
  async updateUsers() {
    const items = [await makeUser(t.app), await makeUser(t.app)].map(({ id }) => ({ id, input: { firstName: 'Ada' } }));
    return [() => updateUsers(t.app, 'roster', items, { onError: 'rollback' }), ['user.updated', 'user.updated']];
  },
  async updateUser() {
    const { id } = await makeUser(t.app);
    return [() => updateUser(t.app, 'roster', id, { firstName: 'Ada' }), ['user.updated']];
  },
  async deleteUser() {
    const { userId } = await makeSignedIn(t);
    await linkAddresses(t.app, userId, [null]);
    const types = ['session.revoked', 'identity.unlinked', 'user.deleted'];
    return [() => deleteUser(t.app, 'roster', userId), types];
  },
  async setUserManaged() {
    const { userId } = await makeSignedIn(t);
    await linkAddresses(t.app, userId, [null]);
    const types = ['user.updated', 'identity.unlinked', 'session.revoked'];
    return [() => setUserManaged(t.app, 'roster', userId, true), types];
  },
  async removePassword() {
    const { userId } = await makeSignedIn(t);
    const types = ['user.updated', 'user.password_changed', 'session.revoked'];
    return [() => removePassword(t.app, 'roster', userId), types];
  },
  async linkIdentity() {
    const { id } = await makeUser(t.app);
    return [() => linkAddresses(t.app, id, [null]), ['user.updated', 'identity.linked']];
  },
  async unlinkIdentity() {
    const { id } = await makeUser(t.app);
    const [identity] = await linkAddresses(t.app, id, [null]);
    return [() => unlinkIdentity(t.app, 'roster', identity?.id as string), ['user.updated', 'identity.unlinked']];
  },
  async authenticateWithPassword() {
    const { email } = await makeSignedIn(t);
    return [() => signIn(t, email), ['authentication.password_succeeded', 'session.created']];
  },
  async sendEmailVerification() {
    const { id } = await makeUser(t.app);
    return [() => sendEmailVerification(t.app, 'roster', id), ['email_verification.created']];
  },
  async confirmEmailVerification() {
    const { id, email } = await makeUser(t.app);
    await sendEmailVerification(t.app, 'roster', id);
    const code = await shownCode(t, email, 'email_verification');
    const types = ['user.updated', 'user.email_verified'];
    return [() => confirmEmailVerification(t.app, 'roster', id, code), types];
  },
  async sendEmailChange() {
    const { id } = await makeUser(t.app);
    const wanted = { newEmail: newAddress() };
    return [() => sendEmailChange(t.app, 'roster', id, wanted), ['email_change.created']];
  },
  async confirmEmailChange() {
    const { id } = await makeUser(t.app);
    const newEmail = newAddress();
    await sendEmailChange(t.app, 'roster', id, { newEmail });
    const code = await codeMailedTo(t, newEmail);
    const types = ['user.updated', 'user.email_changed', 'user.email_verified'];
    return [() => confirmEmailChange(t.app, 'roster', id, code), types];
  },
  async requestPasswordReset() {
    const { email } = await makeUser(t.app);
    const work = async () => {
      await requestPasswordReset(t.app, nobody, email);
      await t.app.jobs.runDue(); // which makes the token
    };
    return [work, ['password_reset.created']];
  },
  async confirmPasswordReset() {
    const { email } = await makeSignedIn(t);
    const { secret: token } = await createPasswordReset(t.app, 'roster', email);
    const given = { token, newPassword: 'violet barge kettle sunrise' };
    const types = ['user.updated', 'user.password_changed', 'session.revoked', 'password_reset.succeeded'];
    return [() => confirmPasswordReset(t.app, signingIn, given), types];
  },
  async requestSignInCode() {
    const { email } = await makeUser(t.app);
    const work = async () => {
      await requestSignInCode(t.app, nobody, email);
      await t.app.jobs.runDue(); // which makes the code
    };
    return [work, ['magic_auth.created']];
  },
  async authenticateWithCode() {
    const { id, email } = await makeUser(t.app, { password });
    await linkAddresses(t.app, id, [email, null]);
    await createSignInCode(t.app, 'roster', email);
    const code = await shownCode(t, email);
    // The mailbox is proven for the first time: what somebody else may have prepared goes.
    const types = [
      'user.password_changed',
      'identity.unlinked',
      'user.updated',
      'user.email_verified',
      'authentication.magic_auth_succeeded',
      'session.created',
    ];
    return [() => authenticateWithCode(t.app, signingIn, { email, code }, client), types];
  },
  async authenticateWithEmailVerification() {
    const { email } = await makeUser(t.app, { password });
    const refusal = await signInOf(email);
    const code = await shownCode(t, email, 'email_verification');
    const given = { code, pendingAuthenticationToken: String(refusal.details.pendingAuthenticationToken) };
    const types = [
      'user.updated',
      'user.email_verified',
      'authentication.email_verification_succeeded',
      'session.created',
    ];
    return [() => authenticateWithEmailVerification(t.app, signingIn, given, client), types];
  },
  async refreshSession() {
    const { refreshToken } = await makeSignedIn(t);
    await refreshSession(t.app, refreshToken);
    // A refresh changes nothing but the moment of the session, of which WorkOS tells nothing; a token that comes twice does.
    return [() => refreshSession(t.app, refreshToken).catch(() => {}), ['session.revoked']];
  },
  async revokeSession() {
    const { sessionId } = await makeSignedIn(t);
    return [() => revokeSession(t.app, 'roster', sessionId), ['session.revoked']];
  },
  async revokeAllSessions() {
    const { userId, email } = await makeSignedIn(t);
    await signIn(t, email);
    return [() => revokeAllSessions(t.app, 'roster', userId), ['session.revoked', 'session.revoked']];
  },
};

/**
 * The mutations of webhooks, and no others: events tell of users, sessions and identities, and WorkOS has no types for endpoints.
 * A type of ours would go to the very endpoints that it tells of, and grow the history that is kept for users. Who did something
 * about an endpoint stands in the log instead, which a test of each looks at: webhooks/operations.test.ts.
 */
const unrecorded = [
  'createWebhookEndpoint',
  'updateWebhookEndpoint',
  'deleteWebhookEndpoint',
  'rotateWebhookSecret',
  'retryWebhookDelivery',
  'replayWebhookEvents',
  'sendTestEvent',
];

/** What is recorded of no mutation that has done something, but of a sign-in that was refused. */
const ofRefusals = ['password', 'magic_auth', 'email_verification'].map((method) => `authentication.${method}_failed`);

describe('every mutation of the schema', () => {
  const names = Object.keys(schema.getMutationType()?.getFields() ?? {});
  test.each(names.filter((name) => !unrecorded.includes(name)))('records what it did: %s', async (name) => {
    const prepare = mutations[name];
    if (!prepare) throw new Error(`What does ${name} record? This test does not know.`);
    const [work, types] = await prepare();
    const events = await recordedBy(t.app, work);
    expect(types.length).toBeGreaterThan(0);
    expect(events.map(({ type }) => type)).toEqual(types);
  });

  test('together they record every type of event that there is, but those of refusals and of the command line', async () => {
    const recorded = new Set([...ofRefusals, 'import.completed']);
    for (const prepare of Object.values(mutations)) for (const type of (await prepare())[1]) recorded.add(type);
    expect([...recorded].sort()).toEqual([...allEventTypes].sort());
  });
});

describe('an update', () => {
  test('tells of a new address, of each identity that goes and of each session that ends, in one order', async () => {
    const { userId, email } = await makeSignedIn(t);
    await linkAddresses(t.app, userId, [email, null]);
    const address = newAddress();
    const events = await recordedBy(t.app, () => updateUser(t.app, backend, userId, { email: address }));
    expect(events.map(({ type, body }) => [type, body.data.reason])).toEqual([
      ['user.updated', undefined],
      ['user.email_changed', undefined],
      ['identity.unlinked', 'email_changed'],
      ['identity.unlinked', 'email_changed'],
      ['session.revoked', undefined],
    ]);
    const { version } = await t.app.db.reader.user.findUniqueOrThrow({ where: { id: userId } });
    expect(new Set(events.map(({ userVersion }) => userVersion))).toEqual(new Set([version]));
    expect(events[0]?.body.context.previous_attributes).toEqual({ email, email_verified: true });
    expect(events[1]?.body.data).toMatchObject({ email: address, previous_email: email, email_verified: false });
    expect(events[4]?.body.data).toMatchObject({ object: 'session', status: 'revoked', user_id: userId });
  });

  test('tells that an address was verified, also a new one at once', async () => {
    const { id } = await makeUser(t.app);
    const types = async (input: object) =>
      (await recordedBy(t.app, () => updateUser(t.app, 'roster', id, input))).map(({ type }) => type);
    expect(await types({ emailVerified: true })).toEqual(['user.updated', 'user.email_verified']);
    expect(await types({ email: newAddress(), emailVerified: true })).toEqual([
      'user.updated',
      'user.email_changed',
      'user.email_verified',
    ]);
  });

  test('of a password says that there is another one, and nothing of it', async () => {
    const { id } = await makeUser(t.app);
    const events = await recordedBy(t.app, () => updateUser(t.app, 'roster', id, { password }));
    expect(events.map(({ type }) => type)).toEqual(['user.updated', 'user.password_changed']);
    const { hash } = await t.app.db.reader.password.findUniqueOrThrow({ where: { userId: id } });
    for (const { text } of events) {
      expect(text).not.toContain(password);
      expect(text).not.toContain(hash);
    }
  });

  test('that changes nothing, or is refused, records nothing', async () => {
    const { id, email } = await makeUser(t.app, { firstName: 'Ada' });
    const taken = newAddress();
    await makeUser(t.app, { email: taken });
    const works = [
      () => updateUser(t.app, 'roster', id, { firstName: 'Ada', email }),
      () => updateUser(t.app, 'roster', id, { email: taken }).catch(() => {}),
      () => updateUser(t.app, 'roster', id, { firstName: 'Bea' }, { expectedVersion: 7 }).catch(() => {}),
      () => setUserManaged(t.app, 'roster', id, false),
      () => removePassword(t.app, 'roster', id),
    ];
    for (const work of works) expect(await recordedBy(t.app, work)).toEqual([]);
  });

  test('records one event of the user for each version, also where many share a transaction', async () => {
    const users = await Promise.all(Array.from({ length: 5 }, () => makeUser(t.app)));
    const events = await recordedBy(t.app, () =>
      Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          updateUser(t.app, 'roster', users[i % 5]?.id as string, { metadata: { [`key${i}`]: 'x' } }),
        ),
      ),
    );
    for (const { id } of users) {
      const versions = events.filter(({ userId }) => userId === id).map(({ userVersion }) => userVersion);
      expect(versions).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });
});

describe('a sign-in', () => {
  test('ends the oldest of too many sessions, and tells of it', async () => {
    const { email, sessionId } = await makeSignedIn(t);
    await signIn(t, email);
    await signIn(t, email);
    const events = await recordedBy(t.app, () => signIn(t, email));
    const ended = events.filter(({ type }) => type === 'session.revoked');
    expect(ended.map(({ body }) => body.data.id)).toEqual([sessionId]);
  });

  test('that is refused is told of with the address, and never with what is none', async () => {
    const { email, userId } = await makeSignedIn(t);
    const refused = (given: string, secret: string) =>
      recordedBy(t.app, () => signIn(t, given, secret).catch(() => {}));
    const [wrong] = await refused(email.toUpperCase(), 'wrong horse battery');
    expect(wrong).toMatchObject({ type: 'authentication.password_failed', userId, actorKind: 'roster' });
    expect(wrong?.body.data).toMatchObject({
      status: 'failed',
      user_id: userId,
      error: { code: 'invalid_credentials', message: 'Invalid credentials.' },
    });
    const [nobody] = await refused(newAddress(), 'wrong horse battery');
    expect(nobody).toMatchObject({ userId: null, userVersion: null });
    const [typed] = await refused('hunter2 hunter2', 'wrong horse battery');
    expect(typed?.body.data.email).toBeNull();
    for (const event of [wrong, nobody, typed]) {
      expect(event?.text).not.toContain('hunter2');
      expect(event?.text).not.toContain('horse');
    }
  });

  test('with a wrong code is told of once it was compared, and with a code where there is none is not', async () => {
    const { email } = await makeUser(t.app);
    const tryCode = (code: string) => () =>
      authenticateWithCode(t.app, signingIn, { email, code }, client).catch(() => {});
    expect(await recordedBy(t.app, tryCode('123456'))).toEqual([]);
    await createSignInCode(t.app, 'roster', email);
    const wrong = otherThan(await shownCode(t, email));
    const [event] = await recordedBy(t.app, tryCode(wrong));
    expect(event).toMatchObject({ type: 'authentication.magic_auth_failed', actorKind: 'api_key' });
    expect(event?.text).not.toContain(wrong);
  });

  test('with a wrong code that was to verify the address is told of, without it', async () => {
    const { id, email } = await makeUser(t.app, { password });
    const refusal = await signInOf(email);
    const code = otherThan(await shownCode(t, email, 'email_verification'));
    const given = { code, pendingAuthenticationToken: String(refusal.details.pendingAuthenticationToken) };
    const [event, ...others] = await recordedBy(t.app, () =>
      authenticateWithEmailVerification(t.app, signingIn, given, client).catch(() => {}),
    );
    expect(event).toMatchObject({ type: 'authentication.email_verification_failed', userId: id, actorKind: 'api_key' });
    expect(event?.body.data).toMatchObject({ status: 'failed', email, error: { code: 'invalid_one_time_code' } });
    expect(event?.text).not.toContain(code);
    expect(others).toEqual([]);
  });

  test('that the limits do not let through is not told of', async () => {
    const strict = await createTestApp({ SIGN_IN_FAILURES_PER_ADDRESS: '2' });
    try {
      const email = newAddress();
      const refusals: string[] = [];
      const events = await recordedBy(strict.app, async () => {
        for (let i = 0; i < 6; i += 1)
          await signIn(strict, email, 'wrong horse battery').catch(({ message }) => refusals.push(message));
      });
      const isLetThrough = (refusal: string) => refusal.includes('INVALID_CREDENTIALS');
      expect(refusals.filter((refusal) => !isLetThrough(refusal)).length).toBeGreaterThan(0);
      expect(events).toHaveLength(refusals.filter(isLetThrough).length);
    } finally {
      await strict.close();
    }
  });
});

describe('an event', () => {
  test.each<[string, Actor, object]>([
    ['an API key', backend, { actorKind: 'api_key', actorId: 'key_x', actorName: 'backend', requestId: 'request-1' }],
    ['the command line', 'cli', { actorKind: 'cli', actorId: 'cli', actorName: null, requestId: null }],
    ['Roster itself', 'roster', { actorKind: 'roster', actorId: 'roster', actorName: null }],
  ])('says who did it: %s', async (_who, actor, expected) => {
    const [event] = await recordedBy(t.app, () => createUser(t.app, actor, { email: newAddress() }));
    expect(event).toMatchObject(expected);
    const { id, name } = event?.body.context.actor ?? {};
    expect(event).toMatchObject({ actorId: id, actorName: name });
  });

  test('has the request and the key, or the user, of whoever asked over HTTP', async () => {
    const response = await t.fetch('/user_management/users', {
      method: 'POST',
      headers: { authorization: `Bearer ${t.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ email: newAddress(), password, email_verified: true }),
    });
    const { id } = (await response.json()) as { id: string };
    const { accessToken } = await signIn(
      t,
      (await t.app.db.reader.user.findUniqueOrThrow({ where: { id } })).email,
      password,
    );
    const own = await recordedBy(t.app, () =>
      t.graphql(`mutation { updateUser(id: "${id}", input: { name: "Ada" }) { id } }`, {}, accessToken),
    );
    expect(own).toMatchObject([{ actorKind: 'user', actorId: id }]);
    const [created] = await recordedOf(id);
    expect(created).toMatchObject({ actorKind: 'api_key', actorName: 'test' });
    expect(created?.requestId).toBe(response.headers.get('x-request-id'));
  });

  test('is a text that JSON gives back as it is, and whose moment stands where the database looks for it', async () => {
    const events = await recordedBy(t.app, async () => {
      const { id } = await makeUser(t.app, { metadata: { 7: 'seven', b: '1', a: '"\\\u2028' }, name: 'Zoë 🙂' });
      await updateUser(t.app, 'roster', id, { metadata: { 10: 'ten', 9: 'nine' } });
    });
    for (const { text, createdAt } of events) {
      expect(JSON.stringify(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text).created_at).toBe(createdAt.toISOString());
    }
  });
});

test('with EVENTS_RETENTION_DAYS=0 nothing is recorded', async () => {
  const silent = await createTestApp({ EVENTS_RETENTION_DAYS: '0' });
  try {
    const events = await recordedBy(silent.app, async () => {
      const { userId } = await makeSignedIn(silent);
      await deleteUser(silent.app, 'roster', userId);
    });
    expect(events).toEqual([]);
  } finally {
    await silent.close();
  }
});

async function recordedOf(userId: string) {
  return (await recordedBy(t.app, async () => {}, 0)).filter((event) => event.userId === userId);
}

test('every type has its sentence', () => {
  for (const { describe } of Object.values(eventTypes)) expect(describe).toMatch(/^[A-Z].*\.$/);
});
