import { afterAll, beforeAll, expect, test } from 'vitest';
import { statusOf } from '../../src/rest/error-responses.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { LinkIdentity, UnlinkIdentity } from '../support/documents.ts';
import { runJob } from '../support/jobs.ts';
import { dump, makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

const link = (userId: string, n: number, email?: string) =>
  t.graphql(LinkIdentity, { userId, input: { provider: 'GOOGLE_OAUTH', idpId: `${userId}-${n}`, email } });

const all = <T>(count: number, work: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));

/** Identities from before there was a limit. */
async function storeIdentities(userId: string, count: number) {
  const at = new Date();
  const data = Array.from({ length: count }, (_, n) => {
    return {
      id: `identity_${userId}_${n}`,
      userId,
      provider: 'GoogleOAuth',
      idpId: `${userId}-${n}`,
      createdAt: at,
      updatedAt: at,
    };
  });
  await t.app.db.transaction((tx) => tx.prisma.identity.createMany({ data }));
}

const countOf = (userId: string) => t.app.db.reader.identity.count({ where: { userId } });

test('the 51st identity of a user is refused, and leaves nothing behind', async () => {
  const { id } = await makeUser(t.app);
  await storeIdentities(id, 49);
  expect((await link(id, 49)).errors).toBeUndefined();
  const before = await dump(t.app);
  const { data, errors } = await link(id, 50);
  expect(data).toBeNull();
  expect(errors).toMatchObject([
    {
      message: 'The user has 50 identities, as many as there can be. Unlink one first.',
      extensions: { code: 'IDENTITY_LIMIT_EXCEEDED' },
    },
  ]);
  expect(await dump(t.app)).toEqual(before);
  expect(statusOf.identity_limit_exceeded).toBe(400);
});

test('one that is there is linked again, also where there can be no more; with room for one, one more is linked', async () => {
  const { id } = await makeUser(t.app);
  await storeIdentities(id, 50);
  const { data, errors } = await link(id, 7, 'new@example.com');
  expect(errors).toBeUndefined();
  expect(data?.linkIdentity).toMatchObject({ id: `identity_${id}_7`, email: 'new@example.com' });
  await t.graphql(UnlinkIdentity, { id: `identity_${id}_3` });
  expect((await link(id, 50)).errors).toBeUndefined();
  expect((await link(id, 51)).errors?.[0]?.extensions.code).toBe('IDENTITY_LIMIT_EXCEEDED');
});

test('of many links at once, as many stand as there can be', async () => {
  const { id } = await makeUser(t.app);
  await storeIdentities(id, 40);
  const answers = await all(20, (n) => link(id, 40 + n));
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(10);
  expect(await countOf(id)).toBe(50);
});

test('who has more of them from before keeps them, can link no other, and is counted in the log', async () => {
  const { id } = await makeUser(t.app);
  await storeIdentities(id, 60);
  expect((await link(id, 60)).errors?.[0]?.extensions.code).toBe('IDENTITY_LIMIT_EXCEEDED');
  await runJob(t, 'identities.count');
  expect(await countOf(id)).toBe(60);
  expect(t.logged()).toContain('"users":1,"maxIdentities":50,"msg":"users have more identities');
});
