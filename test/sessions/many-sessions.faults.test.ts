import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { DeleteUser, RevokeAllSessions } from '../support/documents.ts';
import { makeSignedIn } from '../support/sessions.ts';
import { makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ DATABASE_STATEMENT_TIMEOUT_MS: '120000' });
});
afterAll(() => t.close());

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString();
const block = 50_000;

/** Runs an INSERT that reads the numbers `i` of `n`, in blocks; how many milliseconds it took. */
async function insert(count: number, statement: string): Promise<number> {
  const startedAt = performance.now();
  for (let from = 1; from <= count; from += block) {
    const numbers = `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${from + block - 1})`;
    await t.app.db.transaction((tx) => tx.prisma.$executeRawUnsafe(`${numbers} ${statement}`));
  }
  return performance.now() - startedAt;
}

async function timed(work: () => Promise<{ errors?: unknown }>): Promise<number> {
  const startedAt = performance.now();
  expect((await work()).errors).toBeUndefined();
  return performance.now() - startedAt;
}

test('150,000 sessions of a user end together: at some few times what storing them costs', async () => {
  const { id: userId } = await makeUser(t.app);
  const storedInMs = await insert(
    150_000,
    `INSERT INTO sessions (id, user_id, auth_method, created_at, updated_at, expires_at)
    SELECT 'session_' || (1000000 + i), '${userId}', 'password', '${day(-1)}', '${day(-1)}', '${day(29)}' FROM n`,
  );
  expect(await timed(() => t.graphql(RevokeAllSessions, { userId }))).toBeLessThan(15 * storedInMs);
  expect(await t.app.db.reader.session.count({ where: { userId, endedAt: null } })).toBe(0);
});

test('a user with 600,000 refresh tokens is deleted for less than storing them costs', async () => {
  const { userId, sessionId } = await makeSignedIn(t);
  const storedInMs = await insert(
    600_000,
    `INSERT INTO refresh_tokens (hash, session_id, created_at, used_at)
    SELECT 'hash' || i, '${sessionId}', '${day(-1)}', '${day(-1)}' FROM n`,
  );
  expect(await timed(() => t.graphql(DeleteUser, { id: userId }))).toBeLessThan(storedInMs);
});
