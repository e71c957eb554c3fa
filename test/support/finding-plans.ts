import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeData } from '../../bench/data.ts';
import { makingEvents } from '../../scripts/many-events.ts';
import type { Database } from '../../src/db/database.ts';
import { databaseOptions } from '../../src/db/database-options.ts';
import { listUsers } from '../../src/users/list.ts';
import { orderOf, type UserFilter, type UserOrder } from '../../src/users/user-filter.ts';
import { createTestApp, type TestApp } from './app.ts';
import { planOf, readingsOf, runSql } from './plans.ts';
import { openRecorded, type Statement } from './recording.ts';
import { testProvider } from './test-database.ts';

const limit = 100;
const start = new Date(Date.now() - 3_600_000);

/** The lists that can be asked for, and how many rows of how many tables stand for a user of a page. */
const lists: [string, UserFilter, UserOrder | undefined, number][] = [
  ['all users', {}, undefined, 1],
  ['all users, by address', {}, 'EMAIL_ASC', 1],
  ['all users, by their last sign-in', {}, 'LAST_SIGN_IN_AT_ASC', 1],
  ['the user with an address', { email: 'first7@example.com' }, undefined, 1],
  ['the user with an external id', { externalId: 'customer-7' }, undefined, 1],
  ['users who are not verified', { emailVerified: false }, undefined, 1],
  ['managed users', { managed: true }, undefined, 1],
  ['users who are not managed', { managed: false }, undefined, 1],
  ['users who have never signed in', { neverSignedIn: true }, undefined, 1],
  ['users whose last sign-in is long ago', { lastSignInBefore: new Date('2026-01-20') }, undefined, 1],
  ['users with a provider', { provider: 'GithubOAuth' }, undefined, 2],
  ['users with a provider that nobody has', { provider: 'XOAuth' }, undefined, 2],
  ['addresses that begin so', { emailStartsWith: 'first12' }, undefined, 1],
  ['addresses that begin as none does', { emailStartsWith: 'nobody' }, undefined, 1],
  // A page and three blocks of 500, of each of two types and then of both, with their bodies.
  ['users who were updated', { updatedSince: start }, undefined, 15],
];

const signIn = (day: number) => `${testProvider === 'postgresql' ? 'TIMESTAMP ' : ''}'2026-0${day}-15T12:00:00.000Z'`;

/** What the users differ in and are found by, and the versions that events tell of. Rows lie in no order, as after years of updates. */
const told = {
  identities: 'one' as const,
  columns: {
    managed: 'i % 7 = 0',
    last_sign_in_at: `CASE i % 5 WHEN 1 THEN ${signIn(1)} WHEN 2 THEN ${signIn(2)} WHEN 3 THEN ${signIn(3)} END`,
    version: `coalesce((
      SELECT max(user_version) FROM events WHERE user_id = made.id AND type IN ('user.created', 'user.updated')
    ), 1)`,
  },
  order: 'i % 1009',
};

/** What sorts on SQLite are the few rows of a page alone, which indexes have found. */
function isFoundByIndex(sql: string, steps: readonly string[]): boolean {
  return steps.every((step, i) => {
    if (step.includes('TEMP B-TREE')) return /^(SCAN page|SEARCH users)/.test(String(steps[i - 1]));
    if (/^SCAN (users|identities|event)\b/.test(step))
      return /USING (COVERING )?INDEX/.test(step) && !sql.includes('WHERE');
    return true;
  });
}

/** That every list reads what it shows and no more, on a store of that many users, with as many events. */
export function testPlansOfLists(users: number, timeoutMs: number): void {
  let t: TestApp;
  let db: Database;
  let statements: Statement[] = [];

  beforeAll(async () => {
    t = await createTestApp({ DATABASE_STATEMENT_TIMEOUT_MS: '0' });
    const { DATABASE_URL: url } = t.app.config;
    await runSql(url, makingEvents(testProvider, { events: users, users: users / 2, start }));
    // As autovacuum does a minute later: until then PostgreSQL knows nothing of the rows.
    if (testProvider === 'postgresql') await runSql(url, ['VACUUM ANALYZE events']);
    await makeData(url, users, told);
    db = await openRecorded(databaseOptions(t.app.config), (statement) => {
      if (/\b(users|identities)\b/.test(statement.sql)) statements.push(statement);
    });
  }, timeoutMs);
  afterAll(async () => {
    await db.close();
    await t.close();
  });

  describe.each(lists)('a page of %s', (_what, filter, order, rowsOfOne) => {
    test.each([true, false])(
      'reads what it shows, in its order: %s, and from a cursor on in every direction',
      async (isInOrder) => {
        const { by, direction } = orderOf(filter, order);
        const page = {
          filter,
          by,
          order: isInOrder === (direction === 'asc') ? ('asc' as const) : ('desc' as const),
          limit,
        };
        const app = { ...t.app, db };
        statements = [];
        for (const fromEnd of [false, true]) {
          const { users, cursors } = await listUsers(app, { ...page, fromEnd });
          const middle = cursors.get(users[Math.floor(users.length / 2)]?.id ?? '');
          if (middle === undefined) continue;
          for (const edge of [
            { after: middle },
            { before: middle },
            { after: middle, before: [...cursors.values()].at(-1) },
          ])
            await listUsers(app, { ...page, ...edge, fromEnd });
        }
        await expectRead(rowsOfOne * (limit + 1));
      },
      timeoutMs,
    );
  });

  async function expectRead(most: number): Promise<void> {
    const { DATABASE_URL: url } = t.app.config;
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of new Map(statements.map((each) => [each.sql + each.values, each])).values()) {
      if (testProvider === 'sqlite') {
        const steps = await planOf(url, statement);
        expect(isFoundByIndex(statement.sql, steps), [statement.sql, ...steps].join('\n')).toBe(true);
      } else {
        const { rows, scans, scansForAnyValues } = await readingsOf(url, statement, ['users', 'identities', 'events']);
        expect([...scans, ...scansForAnyValues], statement.sql).toEqual([]);
        expect(rows, statement.sql).toBeLessThanOrEqual(most);
      }
    }
  }
}
