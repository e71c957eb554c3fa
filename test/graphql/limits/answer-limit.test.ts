import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { storeSessions } from '../../support/stored-sessions.ts';
import { makeUser } from '../../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
  // 90 kB each: fifty pairs of six hundred characters, of three octets each.
  const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, '語'.repeat(600)]));
  for (let i = 0; i < 50; i += 1) await makeUser(t.app, { metadata });
});
afterAll(() => t.close());

const page = 'query ($first: Int) { users(first: $first) { edges { node { metadata } } } }';

test('an answer of more than 4 MB is refused in words, also of a document that was answered before', async () => {
  for (let i = 0; i < 3; i += 1) {
    const { data, errors, response } = await t.graphql(page, { first: 50 });
    expect(response.status).toBe(200);
    expect(data ?? null).toBeNull();
    expect(errors).toEqual([
      {
        message: 'The answer would be longer than 4 MB. Ask for fewer users or fields at once.',
        extensions: { code: 'DOCUMENT_LIMIT_EXCEEDED' },
      },
    ]);
    const fits = await t.graphql<{ users: { edges: object[] } }, object>(page, { first: 40 });
    expect(fits.errors).toBeUndefined();
    expect(fits.data?.users.edges).toHaveLength(40);
  }
});

test('one that repeats what is long is refused before it is put together, also of a document that was answered before', async () => {
  const aliases = Array.from({ length: 19 }, (_, i) => `a${i}: metadata`).join(' ');
  const document = page.replace('{ metadata }', `{ metadata ${aliases} }`);
  expect((await t.graphql(document, { first: 1 })).errors).toBeUndefined();
  const stringify = vi.spyOn(JSON, 'stringify');
  onTestFinished(() => stringify.mockRestore());
  const { data, errors } = await t.graphql<object, object>(document, { first: 50 }); // 90 MB
  expect(data ?? null).toBeNull();
  expect(errors).toMatchObject([{ message: expect.stringContaining('longer than 4 MB') }]);
  const lengths = stringify.mock.results.map(({ value }) => String(value ?? '').length);
  expect(Math.max(...lengths)).toBeLessThan(4 * 1024 * 1024);
});

test('the answer to a mutation is given whatever its length: it has been carried out', async () => {
  const { reader } = t.app.db;
  const users = await reader.user.findMany({ take: 3, select: { id: true } });
  for (const { id } of users) await storeSessions(t.app, id, { count: 1000, userAgent: '語'.repeat(512) });
  const document = `mutation { ${users.map(({ id }, i) => `a${i}: revokeAllSessions(userId: "${id}") { id userAgent }`).join(' ')} }`;
  const { data, errors } = await t.graphql<Record<string, object[]>, object>(document);
  expect(errors).toBeUndefined();
  expect(Buffer.byteLength(JSON.stringify(data))).toBeGreaterThan(4 * 1024 * 1024);
  expect(data?.a0).toHaveLength(1000);
  expect(await reader.session.count({ where: { endedAt: null } })).toBe(0);
});
