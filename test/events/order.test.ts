import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase, type StoredEvent } from '../../src/db/database.ts';
import { createEvents, type Events } from '../../src/events/events.ts';
import { listEvents } from '../../src/events/list.ts';
import { createSequencer } from '../../src/events/sequencer.ts';
import { present } from '../../src/rest/wire-events.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { readEvents } from '../support/events.ts';
import { createTestDatabase, testProvider } from '../support/test-database.ts';
import { makeUser } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';

const log = pino({ level: 'silent' });
const client = { ipAddress: null, userAgent: null };

interface Writer {
  readonly db: Database;
  readonly events: Events;
}

/** A writer with connections, and a sequencer, of its own, as another process has them; on SQLite there is one. */
async function openWriter(url: string, now = () => new Date()): Promise<Writer> {
  const pool = { size: 3, connectTimeoutMs: 5000, idleTimeoutMs: 10_000, statementTimeoutMs: 0 };
  const db = await openDatabase({ url, synchronous: 'normal', busyTimeoutMs: 5000, pool });
  const sequencer = createSequencer(db, log, { pollMs: 50, pauseMs: 1 });
  const config = { EVENTS_RETENTION_DAYS: 90 };
  const events = createEvents({ config, present, now, wake: sequencer.wake, wakeJobs: () => {} });
  sequencer.start();
  onTestFinished(async () => {
    await sequencer.stop();
    await db.close();
  });
  return { db, events };
}

async function openWriters(count: number): Promise<Writer[]> {
  const { url, remove } = await createTestDatabase();
  onTestFinished(remove);
  if (testProvider === 'postgresql') return Promise.all(Array.from({ length: count }, () => openWriter(url)));
  const only = await openWriter(url);
  return Array.from({ length: count }, () => only);
}

/** Records one event that is known by its address, and commits when it is let go. */
async function write({ db, events }: Writer, email: string, hold?: () => Promise<void>) {
  const error = { code: 'x', message: 'x' };
  await db.transaction(async (tx) => {
    await events.record(tx, 'roster', [{ type: 'authentication.password_failed', user: null, email, client, error }]);
    await hold?.();
  });
}

/** Follows all events by the id of the last that it has seen, until it is told to end. */
function follow(db: Database) {
  const seen: StoredEvent[] = [];
  let isOver = false;
  const reading = (async () => {
    while (!isOver) {
      const page = { filter: {}, after: seen.at(-1)?.id, order: 'asc', limit: 20, fromEnd: false } as const;
      seen.push(...(await listEvents(db.eventReads, page)).events);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  return {
    seen,
    async end() {
      isOver = true;
      await reading;
    },
  };
}

function expectWholeOrder(events: readonly StoredEvent[]): void {
  expect(events.map(({ position }) => position)).toEqual(events.map((_, i) => i + 1));
  const moments = events.map(({ createdAt }) => createdAt.getTime());
  expect(moments).toEqual([...moments].sort((a, b) => a - b));
  for (const { body, createdAt } of events) {
    expect(JSON.parse(body).created_at).toBe(createdAt.toISOString());
    expect(JSON.stringify(JSON.parse(body))).toBe(body);
  }
}

describe('while eight writers commit out of order', () => {
  test('a reader that goes on from the last event it saw misses none, and sees none twice', async () => {
    const writers = await openWriters(8);
    const reader = follow((writers[0] as Writer).db);
    const written: string[] = [];
    for (let round = 0; round < 25; round += 1) {
      const emails = writers.map((_, i) => `${round}-${i}@example.com`);
      // On PostgreSQL all of them have recorded before the first commits, and the last that recorded commits first.
      let release = () => {};
      const turns: Promise<void>[] = [];
      let waiting = 0;
      const all = new Promise<void>((resolve) => {
        release = resolve;
      });
      const works = writers.map((writer, i) => {
        if (testProvider === 'sqlite') return write(writer, emails[i] as string);
        const work = write(writer, emails[i] as string, async () => {
          waiting += 1;
          if (waiting === writers.length) release();
          await all;
          await turns[i + 1];
        });
        turns[i] = work;
        return work;
      });
      await Promise.all(works);
      written.push(...emails);
    }
    await waitFor('the reader to have seen all', () => reader.seen.length >= written.length);
    await reader.end();
    expectWholeOrder(reader.seen);
    expect(reader.seen.map(({ body }) => JSON.parse(body).data.email).sort()).toEqual([...written].sort());
  });
});

describe('the events of one user', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await createTestApp();
  });
  afterAll(() => t.close());

  test('are in the order of their versions, however many update them at once', async () => {
    const { id } = await makeUser(t.app);
    await Promise.all(Array.from({ length: 100 }, (_, i) => updateUser(t.app, 'roster', id, { name: `name ${i}` })));
    const events = (await readEvents(t.app)).filter(({ userId }) => userId === id);
    expect(events.map(({ userVersion }) => userVersion)).toEqual(events.map((_, i) => i + 1));
    expect(events).toHaveLength(101);
  });
});

test('as many as a transaction records have its order, and positions without gaps', async () => {
  const [writer] = await openWriters(1);
  const { db, events } = writer as Writer;
  const error = { code: 'x', message: 'x' };
  const emails = Array.from({ length: 301 }, (_, i) => `${i}@example.com`);
  const all = emails.map(
    (email) => ({ type: 'authentication.password_failed', user: null, email, client, error }) as const,
  );
  for (const part of [all.slice(0, 1), all.slice(1, 34), all.slice(34)]) {
    await db.transaction((tx) => events.record(tx, 'roster', part));
  }
  const read = () => db.eventReads.list({ order: 'asc', limit: 500 });
  await waitFor('all to have positions', async () => (await read()).length === emails.length);
  expectWholeOrder(await read());
  expect((await read()).map(({ body }) => JSON.parse(body).data.email)).toEqual(emails);
});

test('a clock that is set back, or of another process, moves no event before an earlier one', async () => {
  const { url, remove } = await createTestDatabase();
  onTestFinished(remove);
  let now = Date.UTC(2026, 0, 15, 12);
  const first = await openWriter(url, () => new Date(now));
  await write(first, 'a@example.com');
  await waitFor('its position', async () => (await first.db.eventReads.list({ order: 'asc', limit: 10 })).length === 1);
  now -= 600_000;
  await write(first, 'b@example.com');
  const second = testProvider === 'postgresql' ? await openWriter(url, () => new Date(0)) : first;
  await write(second, 'c@example.com');
  await waitFor(
    'all positions',
    async () => (await first.db.eventReads.list({ order: 'asc', limit: 10 })).length === 3,
  );
  const events = await first.db.eventReads.list({ order: 'asc', limit: 10 });
  expectWholeOrder(events);
  expect(new Set(events.map(({ createdAt }) => createdAt.toISOString()))).toEqual(
    new Set(['2026-01-15T12:00:00.000Z']),
  );
});

test('a restart with a clock that was set back goes on from the last moment', async () => {
  const { url, remove } = await createTestDatabase();
  onTestFinished(remove);
  await write(await openWriter(url, () => new Date('2026-01-15T12:00:00.000Z')), 'a@example.com');
  const later = await openWriter(url, () => new Date('2020-01-01T00:00:00.000Z'));
  const list = () => later.db.eventReads.list({ order: 'asc', limit: 10 });
  await waitFor('the first', async () => (await list()).length === 1);
  await write(later, 'b@example.com');
  await waitFor('the second', async () => (await list()).length === 2);
  expectWholeOrder(await list());
});

test('an event is found by its moment, as exactly as by its position', async () => {
  const { url, remove } = await createTestDatabase();
  onTestFinished(remove);
  let now = 1_000_000;
  const writer = await openWriter(url, () => new Date(now));
  for (let i = 0; i < 40; i += 1) {
    now += (i % 3) * 1000;
    await write(writer, `${i}@example.com`);
  }
  const list = () => writer.db.eventReads.list({ order: 'asc', limit: 100 });
  await waitFor('all', async () => (await list()).length === 40);
  const events = await list();
  for (let moment = 999_500; moment < now + 1500; moment += 500) {
    const expected = events.find(({ createdAt }) => createdAt.getTime() >= moment)?.position ?? 41;
    expect(await writer.db.eventReads.positionAt(new Date(moment))).toBe(expected);
  }
  const empty = await createTestDatabase();
  onTestFinished(empty.remove);
  expect(await (await openWriter(empty.url)).db.eventReads.positionAt(new Date())).toBe(1);
});
