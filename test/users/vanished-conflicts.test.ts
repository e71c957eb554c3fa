import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database, Writers } from '../../src/db/database.ts';
import { keyedRequest } from '../../src/idempotency/keyed-request.ts';
import { updateUser } from '../../src/users/update.ts';
import { type BulkErrorPolicy, updateUsers } from '../../src/users/update-many.ts';
import type { ItemResult } from '../../src/users/update-together.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { dump, makeUser, newAddress } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ MAIL: 'off' });
});
afterAll(() => t.close());

/** What somebody else does around each attempt to write a list. */
interface Meanwhile {
  before?(attempt: number): Promise<unknown>;
  afterRefusal?(attempt: number): Promise<unknown>;
}

/** The database, with somebody else at it who is as fast as can be. */
function besides(db: Database, { before, afterRefusal }: Meanwhile): Database {
  let attempts = 0;
  const watched = (writers: Writers): Writers => ({
    ...writers,
    async updateUsersTogether(updates, options) {
      attempts += 1;
      await before?.(attempts);
      try {
        return await writers.updateUsersTogether(updates, options);
      } catch (error) {
        await afterRefusal?.(attempts);
        throw error;
      }
    },
  });
  return { ...db, ...watched(db), recording: (record) => watched(db.recording(record)) };
}

type Items = Parameters<typeof updateUsers>[2];

function makeList(db: Database, items: Items, onError: BulkErrorPolicy): Promise<ItemResult[]> {
  return updateUsers({ ...t.app, db }, 'roster', items, { onError });
}

/** The same as a request with a key. */
function makeListOnce(db: Database, items: Items, onError: BulkErrorPolicy): Promise<ItemResult[]> {
  const principal = { kind: 'api-key', id: 'key_1', name: 'test', scopes: [] } as const;
  const place = { method: 'POST', path: '/graphql', userAgent: null };
  const request = keyedRequest({ key: randomUUID(), principal, ...place, content: [JSON.stringify(items)] });
  return t.app.idempotency.perform({ ...t.app, db }, request, (app) => updateUsers(app, 'roster', items, { onError }));
}

/** Somebody who has the value that one of a list wants. */
async function makeRivalry(): Promise<{ items: Items; take(): Promise<unknown>; giveUp(): Promise<unknown> }> {
  const [a, b, rival] = [await makeUser(t.app), await makeUser(t.app), await makeUser(t.app)];
  const email = newAddress();
  return {
    items: [
      { id: a.id, input: { firstName: 'A' } },
      { id: b.id, input: { email } },
    ],
    take: () => updateUser(t.app, 'roster', rival.id, { email }),
    giveUp: () => updateUser(t.app, 'roster', rival.id, { email: newAddress() }),
  };
}

const ways: [string, typeof makeList, BulkErrorPolicy][] = [
  ['all or none', makeList, 'rollback'],
  ['all or none, with a key', makeListOnce, 'rollback'],
  ['each for itself, with a key', makeListOnce, 'continue'],
];

describe.each(ways)('a list, %s: a value that another user had when it was refused', (_way, make, onError) => {
  test('and has given up when it is looked for: the list is made', async () => {
    const { items, take, giveUp } = await makeRivalry();
    await take();
    const results = await make(besides(t.app.db, { afterRefusal: giveUp }), items, onError);
    expect(results.map((result) => 'user' in result && result.isChanged)).toEqual([true, true]);
  });

  test('and takes again before each attempt: nothing is made, and it may be tried again, after a few attempts', async () => {
    const { items, take, giveUp } = await makeRivalry();
    const before = (await dump(t.app)).users.filter(({ id }) => items.some((item) => item.id === id));
    let attempts = 0;
    const db = besides(t.app.db, {
      async before(attempt) {
        attempts = attempt;
        await take();
      },
      afterRefusal: giveUp,
    });
    const refusal = await make(db, items, onError).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'service_unavailable', details: { retryAfterSeconds: 1 } });
    expect((refusal as Error).message).toContain('nothing was written');
    expect(attempts).toBeGreaterThan(1);
    expect(attempts).toBeLessThan(20);
    expect((await dump(t.app)).users.filter(({ id }) => items.some((item) => item.id === id))).toEqual(before);
  });

  test('and still has: it is told, of the one that wants it', async () => {
    const { items, take } = await makeRivalry();
    await take();
    const [first, second] = await make(t.app.db, items, onError);
    expect(second).toMatchObject({ error: { code: 'email_not_available', details: { field: 'email' } } });
    expect(first).toMatchObject(onError === 'rollback' ? { error: { code: 'not_applied' } } : { isChanged: true });
  });
});

test.each(ways)(
  'lists that race for one address, %s: one has it, and the others hear so',
  async (_way, make, onError) => {
    const email = newAddress();
    const users = await Promise.all(Array.from({ length: 40 }, () => makeUser(t.app)));
    const lists = users.map(({ id }) => make(t.app.db, [{ id, input: { email } }], onError));
    const codes = (await Promise.all(lists)).flat().map((result) => ('error' in result ? result.error.code : null));
    expect(codes.filter((code) => code === null)).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set([null, 'email_not_available']));
  },
);
