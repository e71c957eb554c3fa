import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makingDeliveries, makingEvents, userOfMany } from '../../scripts/many-events.ts';
import type { Database } from '../../src/db/database.ts';
import { databaseOptions } from '../../src/db/database-options.ts';
import { type EventFilter, listEvents } from '../../src/events/list.ts';
import { createLiveEvents, type Wanted } from '../../src/events/live/live-events.ts';
import { removeOldEvents } from '../../src/events/retention.ts';
import { createHandler } from '../../src/http/router.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { settleDeliveries, takeDeliveries } from '../../src/webhooks/delivery-rows.ts';
import { eraseWhenDelivered } from '../../src/webhooks/erase.ts';
import { removeOldDeliveries } from '../../src/webhooks/retention.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { userRow } from '../support/database.ts';
import { planOf, readingsOf, runSql } from '../support/plans.ts';
import { openRecorded, type Statement } from '../support/recording.ts';
import { testProvider } from '../support/test-database.ts';
import { freePort } from '../support/wait.ts';
import { makeEndpoint } from '../support/webhooks.ts';

const tables = ['events', 'unnumbered_events', 'webhook_deliveries'];
const [count, users] = [20_000, 100];
const ofUser = count / users;
const start = new Date(Date.now() - 3_600_000);
const momentAt = (position: number) => new Date(start.getTime() + position);
const userId = userOfMany(7);
const page = { order: 'asc', fromEnd: false, limit: 100 } as const;

let t: TestApp;
/** The same database on connections that tell what SQL they are sent. */
let db: Database;
let statements: Statement[] = [];
let middleId: string;

beforeAll(async () => {
  t = await createTestApp();
  const { DATABASE_URL: url } = t.app.config;
  for (const path of ['a', 'b']) await makeEndpoint(t.app, `https://receiver.example/${path}`);
  await runSql(url, [...makingEvents(testProvider, { events: count, users, start }), makingDeliveries(testProvider)]);
  await makeEndpoint(t.app, 'https://receiver.example/nothing-is-due');
  await t.app.db.transaction(({ prisma }) => prisma.user.create({ data: userRow(userId) }));
  // As autovacuum does a minute later: until then PostgreSQL knows nothing of the rows.
  if (testProvider === 'postgresql') await runSql(url, ['VACUUM ANALYZE events, webhook_deliveries']);
  db = await openRecorded(databaseOptions(t.app.config), (statement) => {
    if (tables.some((table) => statement.sql.includes(table))) statements.push(statement);
  });
  middleId = (await db.eventReads.list({ from: count / 2, order: 'asc', limit: 1 }))[0]?.id ?? '';
});
afterAll(async () => {
  await db.close();
  await t.close();
});
beforeEach(() => {
  statements = [];
});

/** The pages of one list in every direction, from its ends and from the middle. */
const directions = (['asc', 'desc'] as const).flatMap((order) =>
  [false, true].flatMap((fromEnd) =>
    [{}, { after: 'middle' }, { before: 'middle' }].map((at) => ({ order, fromEnd, ...at })),
  ),
);

/** What SQLite sorts are only the few positions that an index has found of each type, in another order or none. */
const sortedPages = ['SCAN found', 'SCAN page'];
/** In the order of an index, from its start, as far as a page goes. */
const fromStart =
  /^SCAN (events USING INDEX events_position_key|unnumbered_events USING INDEX sqlite_autoindex_unnumbered_events_1)$/;

/** That every statement so far has found its rows by an index, and no more of them than these. */
async function expectFoundByIndex(most: number, { forAnyValues = true } = {}): Promise<void> {
  const { DATABASE_URL: url } = t.app.config;
  expect(statements.length).toBeGreaterThan(0);
  for (const statement of new Map(statements.map((each) => [each.sql, each])).values()) {
    if (testProvider === 'sqlite') {
      const steps = await planOf(url, statement);
      const isPage = !/WHERE(?! 1=1)/.test(statement.sql) && /LIMIT (\d+|\? OFFSET \?)$/.test(statement.sql);
      const bad = steps.filter((step, i) => {
        if (step.includes('TEMP B-TREE')) return !sortedPages.includes(steps[i - 1] as string);
        return (
          /^SCAN (events|unnumbered_events|webhook_deliveries|delivery)\b/.test(step) &&
          !(isPage && fromStart.test(step))
        );
      });
      expect(bad, statement.sql).toEqual([]);
    } else {
      const { rows, scans, scansForAnyValues } = await readingsOf(url, statement, tables);
      expect([...scans, ...(forAnyValues ? scansForAnyValues : [])], statement.sql).toEqual([]);
      expect(rows, statement.sql).toBeLessThanOrEqual(most);
    }
  }
}

describe.each<[string, EventFilter, number]>([
  ['all events', {}, 101],
  ['the events of a type', { types: ['user.updated'] }, 2 * 101],
  ['the events of a type that there is none of any more', { types: ['session.created'] }, 2 * 101],
  ['the events of several types', { types: ['user.created', 'user.deleted', 'session.created'] }, 4 * 101],
  ['the events of a user', { userId }, 2 * ofUser],
  ['the events of a user, of some types', { userId, types: ['user.created', 'user.deleted'] }, 2 * ofUser],
  ['the events of a time', { createdFrom: momentAt(2000), createdBefore: momentAt(18_000) }, 101],
  ['the events of a time, of a type', { types: ['user.created'], createdFrom: momentAt(15_000) }, 2 * 101],
])('a page of %s', (_what, filter, most) => {
  test.each(directions)(
    '$order, from the end: $fromEnd, after $after, before $before, reads what it shows',
    async (asked) => {
      const [after, before] = [asked.after && middleId, asked.before && middleId];
      await listEvents(db.eventReads, { ...page, ...asked, after, before, filter });
      await expectFoundByIndex(most);
    },
  );
});

describe('what a client asks for reads what it is shown:', () => {
  const fields = 'edges { node { id } } pageInfo { hasNextPage }';
  test.each<[string, string]>([
    [
      'events',
      `{ events(first: 100, filter: { types: [USER_CREATED], createdFrom: "${momentAt(15_000).toISOString()}" }) { ${fields} } }`,
    ],
    ['User.history', `{ user(id: "${userId}") { history(first: 100) { ${fields} } } }`],
    ['User.history, of a type', `{ user(id: "${userId}") { history(last: 100) { ${fields} } } }`],
  ])('GraphQL %s', async (_what, query) => {
    const body = JSON.stringify({ query });
    const headers = { authorization: `Bearer ${t.key}`, 'content-type': 'application/json' };
    const answer = await ask('/graphql', { method: 'POST', headers, body });
    expect(answer).toMatch(/"id":"event_/);
    await expectFoundByIndex(2 * 101);
  });

  test.each([
    '?limit=100',
    '?limit=100&order=desc',
    '?limit=100&after=ID',
    '?limit=100&before=ID&events=session.created',
    '?limit=100&after=ID&events=user.created,user.deleted',
    `?limit=100&range_start=${momentAt(15_000).toISOString()}&range_end=${momentAt(16_000).toISOString()}`,
  ])('REST GET /events%s', async (query) => {
    const answer = await ask(`/events${query.replace('ID', middleId)}`, {
      headers: { authorization: `Bearer ${t.key}` },
    });
    expect(answer).toMatch(/"id":"event_/);
    await expectFoundByIndex(20 * 101); // without types, each of those that WorkOS has
  });

  async function ask(path: string, init: RequestInit): Promise<string> {
    const given = { tooLarge: false, isLocal: () => true };
    const { body } = await createHandler({ ...t.app, db })(new Request(`http://localhost${path}`, init), given);
    return String(body);
  }
});

test.each<[string, Wanted]>([
  ['everything', {}],
  ['a user', { userId }],
  ['some types', { types: ['user.created', 'user.deleted'] }],
  ['a type that there is none of any more', { types: ['session.created'] }],
])('a stream of %s reads a page at a time', async (_what, wanted) => {
  const live = createLiveEvents({ db, log: pino({ level: 'silent' }), now: t.app.now });
  const principal = await t.app.apiKeys.authenticate(`Bearer ${t.key}`);
  const [first] = await db.eventReads.list({ order: 'asc', limit: 1 });
  const stream = await live.follow(principal, { ...wanted, after: first?.id });
  for (let i = 0; i < 110; i += 1) await stream.next();
  live.stop();
  await expectFoundByIndex(3 * 101);
});

describe('deliveries', () => {
  const room = { total: 100, slow: 100, unproven: 100 };

  test('that are taken, and what becomes of them, are found by their endpoints and ids; where none is due, none is read', async () => {
    const now = new Date();
    const taken = await db.transaction((tx) =>
      takeDeliveries(tx, {
        room,
        standingOf: () => 'quick',
        isUnderWay: () => false,
        hasEnough: () => false,
        leaseMs: 60_000,
        now,
      }),
    );
    expect(taken.length).toBeGreaterThan(8);
    expect(await db.eventReads.textsOf(taken.map(({ eventId }) => eventId))).toHaveProperty('size');
    const ended = { kind: 'released' } as const;
    await db.transaction((tx) =>
      settleDeliveries(
        tx,
        taken.map((delivery) => ({ delivery, ended })),
        now,
      ),
    );
    await expectFoundByIndex(2 * 32); // so many are looked at of each endpoint, as some wait for others
  });

  test('that wait are counted by an index of their endpoint and state alone', async () => {
    const port = await freePort();
    const metrics = await createMetrics({ HOST: '127.0.0.1', METRICS_PORT: port }, db, t.app.now);
    await metrics.listen();
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await metrics.close();
    expect(text).toMatch(new RegExp(`roster_webhooks_waiting\\{.*\\} ${count}\\n`));
    // Not for any values: where an endpoint has most of a table, to read all of it is as good.
    await expectFoundByIndex(count, { forAnyValues: false });
  });
});

describe('last, what removes or changes rows finds them by an index:', () => {
  const { signal } = new AbortController();

  test('the erasure of a user who is deleted', async () => {
    const payload = { userId, deletedAt: new Date().toISOString() };
    await eraseWhenDelivered({ db, now: t.app.now }, payload, signal);
    await eraseWhenDelivered({ db, now: () => new Date(Date.now() + 4 * 86_400_000) }, payload, signal);
    await expectFoundByIndex(2 * ofUser);
  });

  test('events and deliveries that are no longer kept', async () => {
    const now = new Date(momentAt(700).getTime() + 86_400_000);
    expect(await removeOldEvents(db, { days: 1, now }, signal)).toBe(699);
    await removeOldDeliveries(db, { eventDays: 1, now: new Date(now.getTime() + 86_400_000) }, signal);
    await expectFoundByIndex(1001);
  });
});
