import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeOldSessions } from '../../src/sessions/cleanup.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { DeleteUser, GetSessions, RevokeAllSessions } from '../support/documents.ts';
import { runJob } from '../support/jobs.ts';
import { makeSignedIn, password, signIn } from '../support/sessions.ts';
import { storeRefreshTokens, storeSessions } from '../support/stored-sessions.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAX_SESSIONS_PER_USER: '3' });
});
afterAll(() => t.close());

const stored = (where: object) => t.app.db.reader.session.findMany({ where, orderBy: { id: 'asc' } });
const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id);
const activeOf = async (userId: string) => idsOf(await stored({ userId, endedAt: null }));

describe('a user with as many sessions as there can be', () => {
  test('signs in all the same: the oldest session ends', async () => {
    const { userId, email, sessionId } = await makeSignedIn(t);
    const [second, third, fourth] = [await signIn(t, email), await signIn(t, email), await signIn(t, email)];
    expect(await activeOf(userId)).toEqual([second, third, fourth].map((session) => session.sessionId));
    expect((await stored({ id: sessionId }))[0]?.endedAt).toBeInstanceOf(Date);
    const { data } = await t.graphql(GetSessions, { id: userId });
    expect(data?.user?.sessions).toHaveLength(3);
  });

  test('has no more when many sign-ins come at once', async () => {
    const { userId, email } = await makeSignedIn(t);
    await Promise.all(Array.from({ length: 8 }, () => signIn(t, email)));
    expect(await activeOf(userId)).toHaveLength(3);
  });

  test('and ended ones does not lose an active one to them', async () => {
    const { userId, email, sessionId } = await makeSignedIn(t);
    await storeSessions(t.app, userId, { count: 5, daysAgo: 0, endedDaysAgo: 0 });
    const { sessionId: second } = await signIn(t, email);
    expect(await activeOf(userId)).toEqual([sessionId, second]);
  });

  test('may have only one', async () => {
    const one = await createTestApp({ MAX_SESSIONS_PER_USER: '1' });
    const { userId, email } = await makeSignedIn(one);
    const { sessionId } = await signIn(one, email);
    expect(await one.app.db.reader.session.findMany({ where: { userId, endedAt: null } })).toMatchObject([
      { id: sessionId },
    ]);
    await one.close();
  });
});

describe('what is stored from before there was a limit', () => {
  test('is brought under it by the next sign-in: the newest stay', async () => {
    const { id, email } = await makeUser(t.app, { emailVerified: true, password });
    const before = await storeSessions(t.app, id, { count: 50 });
    const { sessionId } = await signIn(t, email);
    expect(await activeOf(id)).toEqual([...before.slice(-2), sessionId]);
  });

  test('is brought under it by the cleanup, of every user, and what is under it stays', async () => {
    const users = await Promise.all(
      [7, 3, 1212].map(async (count) => {
        const { id } = await makeUser(t.app);
        return { id, ids: await storeSessions(t.app, id, { count }) };
      }),
    );
    await runJob(t, 'sessions.cleanup');
    for (const { id, ids } of users) expect(await activeOf(id)).toEqual(ids.slice(-3));
    expect(t.logged()).toMatch(
      /"endedSessions":\d+,"removedSessions":\d+,"removedRefreshTokens":\d+,"msg":"cleaned up"/,
    );
  });

  test('ends at once and is answered, newest first', async () => {
    const { id } = await makeUser(t.app);
    const before = await storeSessions(t.app, id, { count: 1010 });
    const { data } = await t.graphql(RevokeAllSessions, { userId: id });
    expect(await activeOf(id)).toEqual([]);
    expect(idsOf(data?.revokeAllSessions ?? [])).toEqual(before.reverse().slice(0, 1000));
  });
});

describe('sessions that nobody needs are removed', () => {
  test('by the cleanup, and by no sign-in: those that ended long ago, and of the others that ended all but the newest hundred', async () => {
    const { id, email } = await makeUser(t.app, { emailVerified: true, password });
    await storeSessions(t.app, id, { count: 5, daysAgo: 50, endedDaysAgo: 31 });
    const ended = await storeSessions(t.app, id, { count: 1120, daysAgo: 40, endedDaysAgo: 2 });
    const { sessionId } = await signIn(t, email);
    expect(await stored({ userId: id })).toHaveLength(1126);
    await runJob(t, 'sessions.cleanup');
    expect(idsOf(await stored({ userId: id }))).toEqual([...ended.slice(-100), sessionId]);
  });

  test('by the cleanup, of users who never come back: those that ended, or expired, long ago, and no others', async () => {
    const { id } = await makeUser(t.app);
    await storeSessions(t.app, id, { count: 3, daysAgo: 45, endedDaysAgo: 31 });
    await storeSessions(t.app, id, { count: 600, daysAgo: 61 });
    const expired = await storeSessions(t.app, id, { count: 2, daysAgo: 45 });
    const ended = await storeSessions(t.app, id, { count: 2, daysAgo: 40, endedDaysAgo: 29 });
    const active = await storeSessions(t.app, id, { count: 2, daysAgo: 29 });
    await runJob(t, 'sessions.cleanup');
    expect(idsOf(await stored({ userId: id }))).toEqual([...expired, ...ended, ...active]);
  });

  test('and so are rows of refresh tokens whose session does not go on, but not those of one that does', async () => {
    const [going, ended] = [await makeSignedIn(t), await makeSignedIn(t)];
    const { id: userId } = await makeUser(t.app);
    const [expired = ''] = await storeSessions(t.app, userId, { count: 1, daysAgo: 31 });
    await t.graphql(RevokeAllSessions, { userId: ended.userId });
    for (const id of [going.sessionId, ended.sessionId, expired, 'session_gone'])
      await storeRefreshTokens(t.app, id, 700);
    await runJob(t, 'sessions.cleanup');
    const { refreshToken } = t.app.db.reader;
    expect(await refreshToken.count()).toBe(700);
    expect(await refreshToken.count({ where: { sessionId: going.sessionId } })).toBe(700);
  });

  test('stops between two blocks when the server stops', async () => {
    const { id } = await makeUser(t.app);
    await storeSessions(t.app, id, { count: 600, daysAgo: 61 });
    await expect(removeOldSessions(t.app, AbortSignal.abort())).rejects.toThrow('abort');
    expect(await stored({ userId: id })).toHaveLength(600);
  });
});

test('a deletion does not wait for the rows of refresh tokens: they are removed later', async () => {
  const { userId, sessionId } = await makeSignedIn(t);
  await storeRefreshTokens(t.app, sessionId, 2000);
  expect((await t.graphql(DeleteUser, { id: userId })).errors).toBeUndefined();
  const { reader } = t.app.db;
  expect(await reader.session.count({ where: { userId } })).toBe(0);
  expect(await reader.refreshTokenFamily.count({ where: { sessionId } })).toBe(0);
  expect(await reader.refreshToken.count({ where: { sessionId } })).toBe(2000);
  await runJob(t, 'sessions.cleanup');
  expect(await reader.refreshToken.count({ where: { sessionId } })).toBe(0);
});
