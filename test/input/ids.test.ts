import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/input/ids.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { linkAddresses, makeUser } from '../support/users.ts';

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp();
});
afterAll(() => t.close());

describe('ids', () => {
  test('of one millisecond, and after a clock that goes back, sort as they were made', () => {
    const now = Date.now();
    const times = Array.from({ length: 2000 }, (_, i) => new Date(i % 3 === 0 ? now : now - i));
    const ids = times.map((time) => newId('identity', time).id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  test('of one kind sort as they were made, whatever clock those of other kinds go by', () => {
    const [frozen, present] = [new Date('2026-01-15T12:00:00.000Z'), new Date('2026-11-15T12:00:00.000Z')];
    const ids = Array.from({ length: 100 }, () => {
      newId('job', present);
      return newId('identity', frozen).id;
    });
    expect([...ids].sort()).toEqual(ids);
  });

  test('of different milliseconds share nothing but their time: every character of the rest is drawn evenly', () => {
    const from = Date.now() + 3_600_000; // ahead of what other tests have made, and by so much that none goes on from it
    const ids = Array.from({ length: 6400 }, (_, i) => newId('mail', new Date(from + i)).id);
    for (let place = 'mail_'.length + 10; place < 'mail_'.length + 26; place += 1) {
      const counts = new Map<string, number>();
      for (const id of ids) counts.set(id.charAt(place), (counts.get(id.charAt(place)) ?? 0) + 1);
      expect(counts.size).toBe(32);
      // Expected are 200 of each; eight standard deviations are 111.
      for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(111);
    }
  });

  test('made one after another in one millisecond have that order in the database, too', async () => {
    const { id: userId } = await makeUser(t.app);
    const frozen = { ...t.app, now: () => new Date('2026-01-15T12:00:00.000Z') };
    const linked = await linkAddresses(frozen, userId, Array(40).fill(null));
    const { data } = await t.graphql<{ user: { identities: { id: string }[] } }, object>(
      'query ($id: ID!) { user(id: $id) { identities { id } } }',
      { id: userId },
    );
    expect(data?.user.identities.map(({ id }) => id)).toEqual(linked.map(({ id }) => id));
  });
});
