import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

const minuteMs = 60_000;
const yearMs = 365 * 24 * 60 * minuteMs;

/** The clock of the service is off by so much, for as long as `work` takes. */
async function withClockAhead<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const { now } = t.app;
  Object.assign(t.app, { now: () => new Date(Date.now() + ms) });
  try {
    return await work();
  } finally {
    Object.assign(t.app, { now });
  }
}

const password = 'weather-nylon-copper-4';
const create = `mutation ($email: EmailAddress!) {
  createUser(input: { email: $email, emailVerified: true, password: "${password}" }) { id createdAt }
}`;

async function createUser(email: string): Promise<{ id: string; createdAt: string }> {
  const { data } = await t.graphql<{ createUser: { id: string; createdAt: string } }, object>(create, { email });
  if (!data) throw new Error('no user');
  return data.createUser;
}

test('a clock that was a year ahead for a moment leaves nothing new in the future', async () => {
  const early = await withClockAhead(yearMs, () => createUser('early@example.com'));
  expect(Date.parse(early.createdAt)).toBeGreaterThan(Date.now() + yearMs - minuteMs);

  const user = await createUser('present@example.com');
  expect(Math.abs(Date.parse(user.createdAt) - Date.now())).toBeLessThan(minuteMs);
  expect(user.id < early.id).toBe(true);

  const signIn = `mutation { authenticateWithPassword(email: "present@example.com", password: "${password}") { refreshToken } }`;
  expect((await t.graphql(signIn)).errors).toBeUndefined();
  const session = await t.app.db.reader.session.findFirstOrThrow({ where: { userId: user.id } });
  expect(session.expiresAt.getTime()).toBeGreaterThan(session.createdAt.getTime());

  const soon = new Date(Date.now() + minuteMs).toISOString();
  const found = await t.graphql<{ users: { edges: { node: { id: string } }[] } }, object>(
    'query ($soon: DateTime!) { users(first: 10, filter: { createdBefore: $soon }) { edges { node { id } } } }',
    { soon },
  );
  expect(found.data?.users.edges.map(({ node }) => node.id)).toEqual([user.id]);
});

test('while the clock goes back by less than a minute, ids still sort as they were made', async () => {
  const emails = [50, 40, 30, 0].map((seconds) => ({ seconds, email: `back-${seconds}@example.com` }));
  const ids: string[] = [];
  for (const { seconds, email } of emails) {
    ids.push((await withClockAhead(seconds * 1000, () => createUser(email))).id);
  }
  expect(ids).toEqual([...ids].sort());
});
