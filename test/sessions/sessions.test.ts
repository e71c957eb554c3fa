import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { authenticate } from '../../src/auth/caller.ts';
import { revokeOtherSessions } from '../../src/sessions/revoke.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { at } from '../support/clock.ts';
import {
  AuthenticateWithPassword,
  DeleteUser,
  GetSessions,
  RefreshSession,
  RevokeAllSessions,
  RevokeSession,
  UpdateUser,
} from '../support/documents.ts';
import { runJob } from '../support/jobs.ts';
import { startTestServer } from '../support/server.ts';
import { makeSignedIn, password, signIn } from '../support/sessions.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

const dayMs = 86_400_000;
const refresh = (refreshToken: string, app = t) => app.graphql(RefreshSession, { refreshToken }, null);
const codeOf = ({ errors }: { errors?: { extensions: { code: string } }[] }) => errors?.[0]?.extensions.code;
const stored = (id: string) => t.app.db.reader.session.findUnique({ where: { id } });
const isAlive = (accessToken: string) =>
  authenticate(t.app, `Bearer ${accessToken}`).then(
    () => true,
    () => false,
  );

async function activeSessions(id: string) {
  const { data, errors } = await t.graphql(GetSessions, { id });
  expect(errors).toBeUndefined();
  return data?.user?.sessions ?? [];
}

describe('a sign-in', () => {
  test('starts a session that lasts 30 days, and shows it in its own answer', async () => {
    const { email } = await makeUser(t.app, { emailVerified: true, password });
    const { data } = await t.graphql(AuthenticateWithPassword, { email, password }, null);
    const { user, accessTokenExpiresIn, refreshToken } = data?.authenticateWithPassword ?? {};
    expect(accessTokenExpiresIn).toBe(300);
    expect(refreshToken).toMatch(/^rt_[0-9A-Z]{26}_1_[\w-]{86}$/);
    expect(user?.sessions).toEqual([{ id: expect.stringMatching(/^session_[0-9A-Z]{26}$/), status: 'ACTIVE' }]);
    const [session] = await activeSessions(user?.id ?? '');
    expect(session).toMatchObject({ authMethod: 'password', ipAddress: null, userAgent: null, endedAt: null });
    expect(session?.updatedAt).toBe(session?.createdAt);
    const lifetimeMs = Date.parse(session?.expiresAt ?? '') - Date.parse(session?.createdAt ?? '');
    expect(Math.abs(lifetimeMs - 30 * dayMs)).toBeLessThan(1000);
  });

  test('keeps where the user calls from, and nothing of a backend', async () => {
    const { id, email } = await makeUser(t.app, { emailVerified: true, password });
    const body = JSON.stringify({ query: `${AuthenticateWithPassword}`, variables: { email, password } });
    const headers = { 'content-type': 'application/json', 'user-agent': `Browser/1.0 ${'x'.repeat(1000)}` };
    await t.fetch('/graphql', { method: 'POST', headers, body });
    await t.fetch('/graphql', { method: 'POST', headers: { ...headers, authorization: `Bearer ${t.key}` }, body });
    const [ofBackend, own] = await activeSessions(id);
    expect(ofBackend?.userAgent).toBeNull();
    expect(own?.userAgent).toMatch(/^Browser\/1\.0 x+$/);
    expect(own?.userAgent).toHaveLength(512);
  });

  test('over HTTP keeps the address of the connection', async () => {
    const server = await startTestServer();
    onTestFinished(server.close);
    const { id, email } = await makeUser(server.app, { emailVerified: true, password });
    const body = JSON.stringify({ query: `${AuthenticateWithPassword}`, variables: { email, password } });
    await fetch(`${server.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const session = await server.app.db.reader.session.findFirstOrThrow({ where: { userId: id } });
    expect(session.ipAddress).toBe('127.0.0.1');
  });

  test('removes no session that has ended; a job does, of everybody, more than 30 days after its end', async () => {
    const { userId, email, sessionId } = await makeSignedIn(t);
    const [revoked, recent] = [await signIn(t, email), await signIn(t, email)];
    await t.graphql(RevokeSession, { id: revoked.sessionId });
    const other = await makeSignedIn(t);
    await t.graphql(RevokeSession, { id: other.sessionId });
    await at(t, new Date(Date.now() + 10 * dayMs), () => t.graphql(RevokeSession, { id: recent.sessionId }));
    const later = new Date(Date.now() + 31 * dayMs);
    await at(t, later, () => signIn(t, email));
    expect(await stored(revoked.sessionId)).not.toBeNull();
    await at(t, later, () => runJob(t, 'sessions.cleanup'));
    const ids = (await t.app.db.reader.session.findMany({ where: { userId } })).map(({ id }) => id);
    expect(ids).not.toContain(revoked.sessionId);
    expect(ids).toContain(recent.sessionId);
    expect(ids).toContain(sessionId);
    expect(await stored(other.sessionId)).toBeNull();
  });

  test('that is refused starts none', async () => {
    const before = await t.app.db.reader.session.count();
    const unverified = await makeUser(t.app, { password });
    const verified = await makeUser(t.app, { password, emailVerified: true });
    await t.graphql(AuthenticateWithPassword, { email: unverified.email, password }, null);
    await t.graphql(AuthenticateWithPassword, { email: verified.email, password: 'wrong' }, null);
    expect(await t.app.db.reader.session.count()).toBe(before);
  });
});

describe('a refresh', () => {
  test('goes on with the session: new tokens, the same end', async () => {
    const { userId, sessionId, accessToken, refreshToken } = await makeSignedIn(t);
    const before = await stored(sessionId);
    const { data } = await refresh(refreshToken);
    const next = data?.refreshSession;
    expect(next?.user.id).toBe(userId);
    expect(next?.refreshToken).toMatch(/^rt_[0-9A-Z]{26}_2_[\w-]{86}$/);
    expect(next?.refreshToken).not.toBe(refreshToken);
    expect(await authenticate(t.app, `Bearer ${next?.accessToken}`)).toMatchObject({ userId, sessionId });
    expect(await isAlive(accessToken)).toBe(true);
    const after = await stored(sessionId);
    expect(after?.expiresAt).toEqual(before?.expiresAt);
    expect((await refresh(next?.refreshToken ?? '')).errors).toBeUndefined();
  });

  test('with a token that was used ends the session: the old and the new refresh token are dead, and the access tokens', async () => {
    const { sessionId, accessToken, refreshToken } = await makeSignedIn(t);
    const { data } = await refresh(refreshToken);
    const next = data?.refreshSession;
    expect(codeOf(await refresh(refreshToken))).toBe('INVALID_GRANT');
    expect((await stored(sessionId))?.endedAt).toBeInstanceOf(Date);
    expect(codeOf(await refresh(next?.refreshToken ?? ''))).toBe('INVALID_GRANT');
    expect(codeOf(await refresh(refreshToken))).toBe('INVALID_GRANT');
    expect(await isAlive(accessToken)).toBe(false);
    expect(await isAlive(next?.accessToken ?? '')).toBe(false);
    expect(t.logged()).toContain(`"sessionId":"${sessionId}","number":1,"msg":"a used refresh token came again`);
  });

  test('has one answer for a token that is unknown, malformed, used, revoked or expired', async () => {
    const used = await makeSignedIn(t);
    await refresh(used.refreshToken);
    const revoked = await makeSignedIn(t);
    await t.graphql(RevokeSession, { id: revoked.sessionId });
    const expired = await makeSignedIn(t);
    const data = { expiresAt: new Date(Date.now() - 1) };
    await t.app.db.transaction((tx) => tx.prisma.session.update({ where: { id: expired.sessionId }, data }));
    const tokens = [
      '',
      'x',
      '\u0000',
      `rt_${'a'.repeat(43)}`,
      `rt_${'0'.repeat(26)}_1_${'a'.repeat(86)}`,
      used.refreshToken,
      revoked.refreshToken,
      expired.refreshToken,
    ];
    const answers = await Promise.all(tokens.map((token) => refresh(token)));
    const bodies = answers.map(({ data, errors }) => JSON.stringify({ data, errors }));
    expect(new Set(bodies).size).toBe(1);
    expect(bodies[0]).toContain('"code":"INVALID_GRANT"');
  });

  test('of one token twice at once: exactly one is answered, and the session ends', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { sessionId, refreshToken } = await makeSignedIn(t);
      const answers = await Promise.all([1, 2, 3].map(() => refresh(refreshToken)));
      expect(answers.map(codeOf).sort()).toEqual(['INVALID_GRANT', 'INVALID_GRANT', undefined]);
      expect((await stored(sessionId))?.endedAt).toBeInstanceOf(Date);
      const won = answers.find(({ errors }) => !errors)?.data?.refreshSession;
      expect(codeOf(await refresh(won?.refreshToken ?? ''))).toBe('INVALID_GRANT');
      expect(await isAlive(won?.accessToken ?? '')).toBe(false);
    }
  });

  test('an unknown token is refused without a write', async () => {
    const { transaction } = t.app.db;
    Object.assign(t.app.db, { transaction: () => expect.fail('a transaction') });
    expect(codeOf(await refresh(`rt_${'b'.repeat(43)}`))).toBe('INVALID_GRANT');
    expect(codeOf(await refresh(`rt_${'0'.repeat(26)}_1_${'b'.repeat(86)}`))).toBe('INVALID_GRANT');
    Object.assign(t.app.db, { transaction });
  });
});

describe('a revocation', () => {
  test('ends the session once: again it answers it as it is', async () => {
    const { sessionId, refreshToken } = await makeSignedIn(t);
    const first = await t.graphql(RevokeSession, { id: sessionId });
    expect(first.data?.revokeSession).toMatchObject({ id: sessionId, status: 'REVOKED', endedAt: expect.any(String) });
    expect((await t.graphql(RevokeSession, { id: sessionId })).data).toEqual(first.data);
    expect(codeOf(await refresh(refreshToken))).toBe('INVALID_GRANT');
  });

  test('by the user reaches their own sessions, and those of others as if there were none', async () => {
    const [alice, bob] = [await makeSignedIn(t), await makeSignedIn(t)];
    const phone = await signIn(t, alice.email);
    expect(codeOf(await t.graphql(RevokeSession, { id: bob.sessionId }, alice.accessToken))).toBe('ENTITY_NOT_FOUND');
    expect(codeOf(await t.graphql(RevokeSession, { id: 'session_x' }, alice.accessToken))).toBe('ENTITY_NOT_FOUND');
    expect(await isAlive(bob.accessToken)).toBe(true);
    expect((await t.graphql(RevokeSession, { id: phone.sessionId }, alice.accessToken)).errors).toBeUndefined();
    expect(await isAlive(phone.accessToken)).toBe(false);
    expect((await t.graphql(RevokeSession, { id: alice.sessionId }, alice.accessToken)).errors).toBeUndefined();
    expect(await isAlive(alice.accessToken)).toBe(false);
  });

  test('of all answers the ones that it ended, newest first; then there is none to end', async () => {
    const first = await makeSignedIn(t);
    const ids = [first.sessionId, (await signIn(t, first.email)).sessionId, (await signIn(t, first.email)).sessionId];
    const other = await makeSignedIn(t);
    await t.graphql(RevokeSession, { id: ids[1] as string });
    const { data } = await t.graphql(RevokeAllSessions, { userId: first.userId });
    expect(data?.revokeAllSessions).toEqual(
      [ids[2], ids[0]].map((id) => ({ id, status: 'REVOKED', endedAt: expect.any(String) })),
    );
    expect(await activeSessions(first.userId)).toEqual([]);
    expect((await t.graphql(RevokeAllSessions, { userId: first.userId })).data).toEqual({ revokeAllSessions: [] });
    expect(await isAlive(other.accessToken)).toBe(true);
    expect(codeOf(await t.graphql(RevokeAllSessions, { userId: 'user_x' }))).toBe('ENTITY_NOT_FOUND');
  });

  test('of all at once with sign-ins leaves none that it answered for alive', async () => {
    const { userId, email } = await makeSignedIn(t);
    const [ended] = await Promise.all([
      t.graphql(RevokeAllSessions, { userId }),
      ...Array.from({ length: 4 }, () => signIn(t, email)),
    ]);
    const alive = new Set((await activeSessions(userId)).map(({ id }) => id));
    for (const { id } of ended.data?.revokeAllSessions ?? []) expect(alive.has(id)).toBe(false);
  });

  test('of the others keeps one, within the transaction of the caller', async () => {
    const { userId, email, sessionId } = await makeSignedIn(t);
    const others = [(await signIn(t, email)).sessionId, (await signIn(t, email)).sessionId];
    const user = { id: userId, version: 1 };
    const undone = t.app.db.transaction(async (tx) => {
      await revokeOtherSessions(t.app, tx, 'roster', user, sessionId);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await activeSessions(userId)).toHaveLength(3);
    const ended = await t.app.db.transaction((tx) => revokeOtherSessions(t.app, tx, 'roster', user, sessionId));
    expect(ended.map(({ id }) => id)).toEqual(others.reverse());
    expect((await activeSessions(userId)).map(({ id }) => id)).toEqual([sessionId]);
  });
});

describe("a user's sessions", () => {
  test('are the active ones, newest first, also in the answer to an update', async () => {
    const first = await makeSignedIn(t);
    const second = await signIn(t, first.email);
    const third = await signIn(t, first.email);
    await t.graphql(RevokeSession, { id: second.sessionId });
    const expected = [third.sessionId, first.sessionId];
    expect((await activeSessions(first.userId)).map(({ id }) => id)).toEqual(expected);
    const { data } = await t.graphql<{ updateUser: { identities: []; sessions: { id: string }[] } }, object>(
      `mutation ($id: ID!) { updateUser(id: $id, input: { firstName: "Ada" }) { identities { id } sessions { id } } }`,
      { id: first.userId },
    );
    expect(data?.updateUser).toEqual({ identities: [], sessions: expected.map((id) => ({ id })) });
    const shown = await at(t, new Date(Date.now() + 30 * dayMs + 60_000), () => activeSessions(first.userId));
    expect(shown).toEqual([]);
  });

  test('are those of several users, when one document, or requests that come together, ask for them', async () => {
    const users = [await makeSignedIn(t), await makeSignedIn(t), await makeSignedIn(t)];
    const fields = 'identities { id } sessions { id createdAt }';
    const document = `{ ${users.map(({ userId }, i) => `a${i}: user(id: "${userId}") { ${fields} a: sessions { id } }`).join(' ')} }`;
    const answers = await Promise.all([1, 2, 3].map(() => t.graphql<Record<string, unknown>, object>(document)));
    for (const { data, errors } of answers) {
      expect(errors).toBeUndefined();
      for (const [i, { sessionId }] of users.entries())
        expect(data?.[`a${i}`]).toMatchObject({
          identities: [],
          sessions: [{ id: sessionId }],
          a: [{ id: sessionId }],
        });
    }
  });

  test('go with the user, and their refresh tokens too', async () => {
    const { userId, sessionId, refreshToken } = await makeSignedIn(t);
    await refresh(refreshToken);
    const answer = await t.graphql<{ deleteUser: { sessions: { id: string }[] } }, object>(
      'mutation ($id: ID!) { deleteUser(id: $id) { sessions { id } } }',
      { id: userId },
    );
    expect(answer.data?.deleteUser.sessions).toEqual([{ id: sessionId }]);
    const { reader } = t.app.db;
    expect(await reader.session.count({ where: { userId } })).toBe(0);
    expect(await reader.refreshTokenFamily.count({ where: { sessionId } })).toBe(0);
    expect(await reader.refreshToken.count({ where: { sessionId } })).toBe(0);
    expect(codeOf(await t.graphql(DeleteUser, { id: userId }))).toBe('ENTITY_NOT_FOUND');
  });

  test('stay through an update: it is the caller who ends them', async () => {
    const { userId, accessToken } = await makeSignedIn(t);
    await t.graphql(UpdateUser, { id: userId, input: { firstName: 'Grace' } });
    expect(await isAlive(accessToken)).toBe(true);
  });
});
