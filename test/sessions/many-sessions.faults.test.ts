import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { DeleteUser, RevokeAllSessions } from '../support/documents.ts';
import { makeSignedIn } from '../support/sessions.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString();
const block = 50_000;

/** Runs an INSERT that reads the numbers `i` of `n`, in blocks that no statement time-out ends. */
async function insert(count: number, statement: string): Promise<void> {
  for (let from = 1; from <= count; from += block) {
    const numbers = `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${from + block - 1})`;
    await t.app.db.transaction((tx) => tx.prisma.$executeRawUnsafe(`${numbers} ${statement}`));
  }
}

async function timed(work: () => Promise<{ errors?: unknown }>): Promise<number> {
  const startedAt = performance.now();
  expect((await work()).errors).toBeUndefined();
  return performance.now() - startedAt;
}

test('150,000 sessions of a user end in seconds', async () => {
  const { id: userId } = await makeUser(t.app);
  await insert(
    150_000,
    `INSERT INTO sessions (id, user_id, auth_method, created_at, updated_at, expires_at)
    SELECT 'session_' || (1000000 + i), '${userId}', 'password', '${day(-1)}', '${day(-1)}', '${day(29)}' FROM n`,
  );
  expect(await timed(() => t.graphql(RevokeAllSessions, { userId }))).toBeLessThan(5000);
  expect(await t.app.db.reader.session.count({ where: { userId, endedAt: null } })).toBe(0);
});

test('a user with 600,000 refresh tokens is deleted in less than a second', async () => {
  const { userId, sessionId } = await makeSignedIn(t);
  await insert(
    600_000,
    `INSERT INTO refresh_tokens (hash, session_id, created_at, used_at)
    SELECT 'hash' || i, '${sessionId}', '${day(-1)}', '${day(-1)}' FROM n`,
  );
  expect(await timed(() => t.graphql(DeleteUser, { id: userId }))).toBeLessThan(1000);
});
