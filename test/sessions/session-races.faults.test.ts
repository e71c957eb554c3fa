import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuthenticateWithPassword, CreateUser, RefreshSession, RevokeSession } from '../support/documents.ts';
import { codesOf, countCodes, type Fleet, startFleet } from '../support/fleet.ts';
import { password } from '../support/sessions.ts';
import { openReader } from '../support/stored.ts';
import { createTestDatabase } from '../support/test-database.ts';

const tries = 24;
let serial = 0;

/** Two processes over one database. */
async function start(settings: Record<string, string> = {}) {
  const { url, remove } = await createTestDatabase();
  const fleet = await startFleet(2, url, settings);
  return { fleet, dispose: () => fleet.dispose().then(remove) };
}

async function signIn(fleet: Fleet): Promise<string> {
  const email = `racer-${++serial}@example.com`;
  await fleet.succeed(CreateUser, { input: { email, password, emailVerified: true } });
  return (await fleet.succeed(AuthenticateWithPassword, { email, password })).authenticateWithPassword.refreshToken;
}

/** The same token, so often at once, at the processes in turn. */
const refreshAtOnce = (fleet: Fleet, refreshToken: string) =>
  Promise.all(Array.from({ length: tries }, () => fleet.ask(RefreshSession, { refreshToken })));

const nextOf = ({ data }: { data?: unknown }) =>
  (data as { refreshSession?: { refreshToken: string } } | null)?.refreshSession?.refreshToken;

const sessionIdOf = (token: string) => `session_${token.slice(3, 29)}`;

describe('two processes, and one refresh token many times at once', () => {
  let running: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running.dispose());

  test('exactly one is answered, the session ends, and each process knows it', async () => {
    const { fleet } = running;
    for (let round = 0; round < 4; round += 1) {
      const token = await signIn(fleet);
      const answers = await refreshAtOnce(fleet, token);
      expect(countCodes(answers)).toEqual({ ok: 1, INVALID_GRANT: tries - 1 });
      const next = answers.map(nextOf).find((found) => found) as string;
      expect(codesOf(await Promise.all([1, 2].map(() => fleet.ask(RefreshSession, { refreshToken: next }))))).toEqual([
        'INVALID_GRANT',
        'INVALID_GRANT',
      ]);
      const reader = await openReader(fleet.databaseUrl);
      expect((await reader.session.findUnique({ where: { id: sessionIdOf(token) } }))?.endedAt).toBeInstanceOf(Date);
    }
    fleet.assertHealthy();
  });

  test('that is refreshed in turn at both: each goes on where the other was', async () => {
    const { fleet } = running;
    let token = await signIn(fleet);
    for (let number = 2; number <= 12; number += 1) {
      token = (await fleet.succeed(RefreshSession, { refreshToken: token })).refreshSession.refreshToken;
      expect(token).toMatch(new RegExp(`^rt_\\w{26}_${number}_`));
    }
    const reader = await openReader(fleet.databaseUrl);
    expect(await reader.refreshTokenFamily.count({ where: { sessionId: sessionIdOf(token) } })).toBe(1);
  });

  test('and a revocation: afterwards no token is good', async () => {
    const { fleet } = running;
    const token = await signIn(fleet);
    const [revoked, ...answers] = await Promise.all([
      fleet.ask(RevokeSession, { id: sessionIdOf(token) }),
      ...Array.from({ length: 6 }, () => fleet.ask(RefreshSession, { refreshToken: token })),
    ]);
    expect(codesOf([revoked])).toEqual([null]);
    for (const refreshToken of [token, ...answers.flatMap((answer) => nextOf(answer) ?? [])])
      expect(codesOf([await fleet.ask(RefreshSession, { refreshToken })])).toEqual(['INVALID_GRANT']);
  });
});

test('with a grace, two processes give the same next token to all who ask at once', async () => {
  const { fleet, dispose } = await start({ REFRESH_REUSE_GRACE_SECONDS: '60' });
  try {
    for (let round = 0; round < 3; round += 1) {
      const token = await signIn(fleet);
      const answers = await refreshAtOnce(fleet, token);
      expect(countCodes(answers)).toEqual({ ok: tries });
      expect(new Set(answers.map(nextOf)).size).toBe(1);
      const again = await refreshAtOnce(fleet, nextOf(answers[0] ?? {}) as string);
      expect(new Set(again.map(nextOf)).size).toBe(1);
      expect(nextOf(again[0] ?? {})).toMatch(/^rt_\w{26}_3_/);
      // the first one's successor is no longer the newest
      expect(codesOf([await fleet.ask(RefreshSession, { refreshToken: token })])).toEqual(['INVALID_GRANT']);
      const next = nextOf(again[0] ?? {});
      expect(codesOf([await fleet.ask(RefreshSession, { refreshToken: next })])).toEqual(['INVALID_GRANT']);
    }
    fleet.assertHealthy();
  } finally {
    await dispose();
  }
});

test('two processes do not start more sessions than there can be', async () => {
  const { fleet, dispose } = await start({ MAX_SESSIONS_PER_USER: '3' });
  try {
    const email = 'ada@example.com';
    const { createUser } = await fleet.succeed(CreateUser, { input: { email, password, emailVerified: true } });
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => fleet.ask(AuthenticateWithPassword, { email, password })),
    );
    expect(countCodes(answers)).toEqual({ ok: 12 });
    const reader = await openReader(fleet.databaseUrl);
    expect(await reader.session.count({ where: { userId: createUser.id, endedAt: null } })).toBe(3);
    fleet.assertHealthy();
  } finally {
    await dispose();
  }
});
