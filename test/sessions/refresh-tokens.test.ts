import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { at } from '../support/clock.ts';
import { RefreshSession, RevokeSession } from '../support/documents.ts';
import { makeSignedIn } from '../support/sessions.ts';

let t: TestApp;
let graceful: TestApp;
beforeAll(async () => {
  t = await createTestApp();
  graceful = await createTestApp({ REFRESH_REUSE_GRACE_SECONDS: '10' });
});
afterAll(() => Promise.all([t.close(), graceful.close()]));

const reader = () => t.app.db.reader;
const isActive = async (id: string, { app } = t) =>
  (await app.db.reader.session.findUniqueOrThrow({ where: { id } })).endedAt === null;

/** The next refresh token, or the code of the refusal. */
async function refresh(refreshToken: string, service = t): Promise<string> {
  const { data, errors } = await service.graphql(RefreshSession, { refreshToken }, null);
  return data?.refreshSession.refreshToken ?? errors?.[0]?.extensions.code ?? '';
}

/** All tokens of a session that was refreshed so often, the newest last. */
async function refreshTimes(count: number, refreshToken: string): Promise<string[]> {
  const tokens = [refreshToken];
  for (let i = 0; i < count; i += 1) tokens.push(await refresh(tokens.at(-1) as string));
  return tokens;
}

describe('a session, however often it is refreshed', () => {
  test('has one row, and each of its tokens that comes again is recognised', async () => {
    for (const again of [0, 7, 18, 19]) {
      const { sessionId, refreshToken } = await makeSignedIn(t);
      const tokens = await refreshTimes(20, refreshToken);
      expect(new Set(tokens).size).toBe(21);
      expect(await reader().refreshTokenFamily.count({ where: { sessionId } })).toBe(1);
      expect(await reader().refreshToken.count()).toBe(0);
      expect(await refresh(tokens[again] as string)).toBe('INVALID_GRANT');
      expect(await isActive(sessionId)).toBe(false);
      expect(t.logged()).toContain(`"sessionId":"${sessionId}","number":${again + 1},"msg":"a used refresh token`);
      expect(await refresh(tokens.at(-1) as string)).toBe('INVALID_GRANT');
    }
  });

  test('keeps no token in the clear, and nothing that the newest could be made from', async () => {
    const { sessionId, refreshToken } = await makeSignedIn(t);
    const [, newest = ''] = await refreshTimes(1, refreshToken);
    const row = await reader().refreshTokenFamily.findUniqueOrThrow({ where: { sessionId } });
    expect(row.hash).toBe(createHash('sha256').update(newest).digest('hex'));
    for (const token of [refreshToken, newest]) expect(JSON.stringify(row)).not.toContain(token.slice(-86, -43));
  });
});

describe('a token that nobody gave out', () => {
  test('harms no session, though it names one, and is refused without a write', async () => {
    const { sessionId, refreshToken } = await makeSignedIn(t);
    const other = await makeSignedIn(t);
    const used = (await refreshTimes(1, refreshToken))[0] as string;
    const [, ulid, number, rest = ''] = /^rt_(\w{26})_(\d+)_(.*)$/.exec(used) ?? [];
    const noise = (bytes: number) => randomBytes(bytes).toString('base64url');
    const { transaction } = t.app.db;
    Object.assign(t.app.db, { transaction: () => expect.fail('a transaction') });
    onTestFinished(() => void Object.assign(t.app.db, { transaction }));
    for (const forged of [
      `rt_${ulid}_${Number(number) + 1}_${rest}`,
      `rt_${ulid}_0${number}_${rest}`,
      `rt_${other.sessionId.slice('session_'.length)}_${number}_${rest}`,
      `rt_${ulid}_${number}_${noise(32)}${rest.slice(43)}`,
      `rt_${ulid}_${number}_${rest.slice(0, 43)}${noise(32)}`,
      `rt_${ulid}_${number}_${noise(64).slice(0, 86)}`,
      `${used} `,
      `${used}A`,
      used.toLowerCase(),
    ]) {
      expect(await refresh(forged)).toBe('INVALID_GRANT');
    }
    expect(await isActive(sessionId)).toBe(true);
    expect(await isActive(other.sessionId)).toBe(true);
  });
});

describe('a transaction that runs again', () => {
  test('tells of the reuse once', async () => {
    const { sessionId, refreshToken } = await makeSignedIn(t);
    await refresh(refreshToken);
    const { transaction } = t.app.db;
    const twice: typeof transaction = async (work) => {
      const undone = transaction(async (tx) => {
        await work(tx);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      return transaction(work);
    };
    Object.assign(t.app.db, { transaction: twice });
    onTestFinished(() => void Object.assign(t.app.db, { transaction }));
    expect(await refresh(refreshToken)).toBe('INVALID_GRANT');
    expect(await isActive(sessionId)).toBe(false);
    expect(t.logged().split(`"sessionId":"${sessionId}"`)).toHaveLength(2);
  });
});

describe('within the grace', () => {
  test('the same token gets the same next one, with an access token of its own, and the session goes on', async () => {
    const { sessionId, refreshToken } = await makeSignedIn(graceful);
    const first = await refresh(refreshToken, graceful);
    const before = await graceful.app.db.reader.session.findUnique({ where: { id: sessionId } });
    expect(await refresh(refreshToken, graceful)).toBe(first);
    expect(await graceful.app.db.reader.session.findUnique({ where: { id: sessionId } })).toEqual(before);
    const second = await refresh(first, graceful);
    expect(second).toMatch(/^rt_\w{26}_3_/);
    expect(await refresh(first, graceful)).toBe(second);
  });

  test('ten tabs at once get the same next one', async () => {
    const { sessionId, refreshToken } = await makeSignedIn(graceful);
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refreshToken, graceful)));
    expect(new Set(answers).size).toBe(1);
    expect(await refresh(answers[0] as string, graceful)).toMatch(/^rt_\w{26}_3_/);
    expect(await isActive(sessionId, graceful)).toBe(true);
  });

  test('a token whose next one was used in turn ends the session', async () => {
    const { sessionId, refreshToken } = await makeSignedIn(graceful);
    const next = await refresh(refreshToken, graceful);
    await refresh(next, graceful);
    expect(await refresh(refreshToken, graceful)).toBe('INVALID_GRANT');
    expect(await isActive(sessionId, graceful)).toBe(false);
  });

  test('a session that was revoked stays so', async () => {
    const { sessionId, refreshToken } = await makeSignedIn(graceful);
    await refresh(refreshToken, graceful);
    await graceful.graphql(RevokeSession, { id: sessionId });
    expect(await refresh(refreshToken, graceful)).toBe('INVALID_GRANT');
  });

  test('time is counted from the exchange: after it the same token ends the session', async () => {
    const { sessionId, refreshToken } = await makeSignedIn(graceful);
    const exchangedAt = Date.now() + 60_000;
    const refreshAt = (ms: number) => at(graceful, new Date(exchangedAt + ms), () => refresh(refreshToken, graceful));
    const next = await refreshAt(0);
    expect(await refreshAt(9999)).toBe(next);
    expect(await refreshAt(9999)).toBe(next);
    expect(await refreshAt(10_000)).toBe('INVALID_GRANT');
    expect(await isActive(sessionId, graceful)).toBe(false);
    expect(await refresh(next, graceful)).toBe('INVALID_GRANT');
  });
});

/** A session as it was left by the version before tokens named their session. */
async function makeOldSession(service: TestApp) {
  const { sessionId } = await makeSignedIn(service);
  const [used, newest] = [1, 2].map(() => `rt_${randomBytes(32).toString('base64url')}`) as [string, string];
  const row = (token: string, usedAt: Date | null) => {
    const hash = createHash('sha256').update(token).digest('hex');
    return { hash, sessionId, createdAt: new Date(), usedAt };
  };
  await service.app.db.transaction(async (tx) => {
    await tx.prisma.refreshTokenFamily.delete({ where: { sessionId } });
    await tx.prisma.refreshToken.createMany({ data: [row(used, new Date()), row(newest, null)] });
  });
  return { sessionId, used, newest };
}

describe('a token from before tokens named their session', () => {
  test('is exchanged for one that does, and counts once', async () => {
    const { sessionId, newest } = await makeOldSession(t);
    const next = await refresh(newest);
    expect(next).toMatch(new RegExp(`^rt_${sessionId.slice('session_'.length)}_1_`));
    expect(await refresh(next)).toMatch(/^rt_\w{26}_2_/);
    expect(await refresh(newest)).toBe('INVALID_GRANT');
    expect(await isActive(sessionId)).toBe(false);
  });

  test.each([true, false])(
    'ends its session when a used one comes again (the newest exchanged first: %s)',
    async (first) => {
      const { sessionId, used, newest } = await makeOldSession(t);
      if (first) expect(await refresh(newest)).toMatch(/^rt_\w{26}_1_/);
      expect(await refresh(used)).toBe('INVALID_GRANT');
      expect(await isActive(sessionId)).toBe(false);
      expect(await refresh(newest)).toBe('INVALID_GRANT');
    },
  );

  test('is exchanged once of many times at once, and the session ends', async () => {
    const { sessionId, newest } = await makeOldSession(t);
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(newest)));
    expect(answers.filter((answer) => answer !== 'INVALID_GRANT')).toHaveLength(1);
    expect(await isActive(sessionId)).toBe(false);
  });

  test('gets the same next one within the grace', async () => {
    const { newest, used } = await makeOldSession(graceful);
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(newest, graceful)));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^rt_\w{26}_1_/);
    expect(await refresh(used, graceful)).toBe('INVALID_GRANT');
  });
});
