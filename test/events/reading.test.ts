import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allEventTypes, workosEventTypes } from '../../src/events/event-types.ts';
import { listEvents } from '../../src/events/list.ts';
import { removeOldEvents } from '../../src/events/retention.ts';
import { deleteUser } from '../../src/users/delete.ts';
import { updateUser } from '../../src/users/update.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { type Recorded, readEvents, recordedBy } from '../support/events.ts';
import { makeSignedIn, signIn } from '../support/sessions.ts';
import { linkAddresses, makeUser, newAddress } from '../support/users.ts';

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
type Answer = Record<string, any>;

let t: TestApp;
let events: Recorded[];
let userId: string;
let email: string;
let accessToken: string;

beforeAll(async () => {
  t = await createTestApp();
  ({ userId, email, accessToken } = await makeSignedIn(t));
  await linkAddresses(t.app, userId, [email]);
  for (let i = 0; i < 15; i += 1) {
    await updateUser(t.app, 'roster', userId, { name: `name ${i}` });
    await makeUser(t.app);
  }
  events = await readEvents(t.app);
});
afterAll(() => t.close());

const page = { order: 'asc', limit: 10, fromEnd: false } as const;

async function rest(query: string, key = t.key) {
  const response = await t.fetch(`/events${query}`, { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, body: (await response.json()) as Answer };
}

describe('GET /events', () => {
  test("has only WorkOS's types, where none are named, and the texts as they were recorded", async () => {
    const { body } = await rest('?limit=100');
    const expected = events.filter(({ type }) => (workosEventTypes as string[]).includes(type));
    expect(body).toEqual({
      object: 'list',
      data: expected.map(({ body }) => body),
      list_metadata: { before: null, after: null },
    });
    expect(expected.length).toBeLessThan(events.length);
  });

  test('goes on, with every type that is named, by `after` until that is null', async () => {
    const seen: unknown[] = [];
    for (let after = ''; ; ) {
      const { body } = await rest(`?events=identity.linked,user.updated&limit=4${after && `&after=${after}`}`);
      seen.push(...body.data);
      if (body.list_metadata.after === null) break;
      after = body.list_metadata.after;
    }
    const expected = events.filter(({ type }) => ['identity.linked', 'user.updated'].includes(type));
    expect(seen).toEqual(expected.map(({ body }) => body));
  });

  test('turns round by `order`, and goes back by `before`', async () => {
    const types = `events=${allEventTypes}`;
    const ids = events.map(({ id }) => id);
    const idsOf = ({ body }: { body: Answer }) => body.data.map(({ id }: { id: string }) => id);
    expect(idsOf(await rest(`?${types}&order=desc&limit=5`))).toEqual([...ids].reverse().slice(0, 5));
    expect(idsOf(await rest(`?${types}&before=${ids[9]}&limit=3`))).toEqual(ids.slice(6, 9));
    expect(idsOf(await rest(`?${types}&order=desc&after=${ids[9]}&limit=3`))).toEqual([ids[8], ids[7], ids[6]]);
  });

  test('takes a range of moments, with a cursor too, as the SDK goes on with both', async () => {
    const start = (events[7] as Recorded).createdAt.toISOString();
    const expected = events.filter(
      ({ type, createdAt }) => type === 'user.created' && createdAt.toISOString() >= start,
    );
    const first = await rest(`?events=user.created&range_start=${start}&limit=100`);
    expect(first.body.data).toEqual(expected.map(({ body }) => body));
    const rest1 = await rest(`?events=user.created&range_start=${start}&after=${expected[0]?.id}&limit=100`);
    expect(rest1.body.data).toEqual(expected.slice(1).map(({ body }) => body));
    const before = await rest(`?events=user.created&range_end=${encodeURIComponent('2000-01-01T00:00:00+02:00')}`);
    expect(before.body.data).toEqual([]);
  });

  test.each([
    ['?after=event_01E4ZCR3C56J083X43JQXF3JK5', 400, 'cursor_expired'],
    ['?after=event_7ZZZZZZZZZZZZZZZZZZZZZZZZZ', 400, 'unknown_cursor'],
    ['?after=user_01E4ZCR3C56J083X43JQXF3JK5', 422, 'invalid_request_parameters'],
    ['?events=nonsense', 422, 'invalid_request_parameters'],
    ['?events=', 422, 'invalid_request_parameters'],
    ['?range_start=yesterday', 422, 'invalid_request_parameters'],
    ['?organization_id=org_x', 422, 'invalid_request_parameters'],
  ])('refuses %s with %i %s', async (query, status, code) => {
    expect(await rest(query)).toMatchObject({ status, body: { code } });
  });

  test('takes the scope events:read', async () => {
    const { key } = await t.app.apiKeys.create('other', ['users:read', 'users:write']);
    expect(await rest('', key)).toMatchObject({ status: 403 });
  });
});

const fields = `edges { cursor node {
  id type userId userVersion createdAt requestId data previousAttributes actor { kind id name }
} } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;

describe('GraphQL', () => {
  test.each([2, 11, 16_000])('lists the same events, page by page, by a type that is named %i times', async (times) => {
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const { data }: { data?: Answer | null | undefined } = await t.graphql<Answer, object>(
        `query ($types: [EventType!], $after: String) { events(first: 10, after: $after, filter: { types: $types }) { ${fields} } }`,
        { types: Array(times).fill('USER_CREATED'), after },
      );
      seen.push(...(data?.events.edges.map(({ cursor }: { cursor: string }) => cursor) ?? []));
      if (!data?.events.pageInfo.hasNextPage) break;
      after = data.events.pageInfo.endCursor;
    }
    const expected = events.filter(({ type }) => type === 'user.created');
    expect(expected.length).toBeGreaterThan(10);
    expect(seen).toEqual(expected.map(({ id }) => id));
  });

  test('lists events, oldest first, by their types and user', async () => {
    const { data } = await t.graphql<Answer, object>(
      `query ($id: ID!) { events(first: 3, filter: { userId: $id, types: [USER_UPDATED, IDENTITY_LINKED] }) { ${fields} } }`,
      { id: userId },
    );
    const expected = events.filter(
      (event) => event.userId === userId && ['user.updated', 'identity.linked'].includes(event.type),
    );
    const first = expected[0] as Recorded;
    expect(data?.events.edges[0].node).toEqual({
      id: first.id,
      type: 'USER_UPDATED',
      userId,
      userVersion: 2,
      createdAt: first.createdAt.toISOString(),
      requestId: null,
      data: first.body.data,
      previousAttributes: {},
      actor: { kind: 'ROSTER', id: 'roster', name: null },
    });
    expect(data?.events.edges.map(({ cursor }: { cursor: string }) => cursor)).toEqual(
      expected.slice(0, 3).map(({ id }) => id),
    );
    expect(data?.events.pageInfo).toMatchObject({
      hasNextPage: true,
      hasPreviousPage: false,
      endCursor: expected[2]?.id,
    });
  });

  test("has a user's history, newest first, page by page and for the user too", async () => {
    const ids = events.filter((event) => event.userId === userId).map(({ id }) => id);
    ids.reverse();
    const document = (root: string) =>
      `query ($after: String) { ${root} { history(first: 4, after: $after) { ${fields} } } }`;
    const read = async (root: string, after: string | null, credentials?: string) => {
      const { data } = await t.graphql<Answer, object>(document(root), { after }, credentials);
      const [user] = Object.values(data ?? {});
      return user.history.edges.map(({ cursor }: { cursor: string }) => cursor);
    };
    expect(await read(`user(id: "${userId}")`, null)).toEqual(ids.slice(0, 4));
    expect(await read(`user(id: "${userId}")`, ids[3] as string)).toEqual(ids.slice(4, 8));
    expect(await read('viewer', null, accessToken)).toEqual(ids.slice(0, 4));
  });

  test.each([
    ['events { edges { cursor } }', 'users:read'],
    ['user(id: "user_x") { history { edges { cursor } } }', 'users:read'],
  ])('takes the scope events:read for { %s }', async (selection, scope) => {
    const { key } = await t.app.apiKeys.create('other', [scope as 'users:read']);
    const { errors } = await t.graphql(`{ ${selection} }`, {}, key);
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('says which event is the oldest, where a cursor is no longer kept', async () => {
    const { errors } = await t.graphql('{ events(after: "event_01E4ZCR3C56J083X43JQXF3JK5") { edges { cursor } } }');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'CURSOR_EXPIRED', oldestEventId: events[0]?.id });
  });
});

describe('what is kept', () => {
  test('is as old as EVENTS_RETENTION_DAYS, and positions go on', async () => {
    const other = await createTestApp();
    try {
      const start = Date.UTC(2026, 0, 1);
      let now = start;
      Object.assign(other.app, { now: () => new Date(now) });
      for (let day = 0; day < 10; day += 1) {
        now = start + day * 86_400_000;
        await makeUser(other.app);
      }
      const all = await readEvents(other.app);
      const { signal } = new AbortController();
      expect(await removeOldEvents(other.app.db, { days: 3, now: new Date(now) }, signal)).toBe(6);
      expect((await readEvents(other.app)).map(({ id }) => id)).toEqual(all.slice(6).map(({ id }) => id));
      const removed = { ...page, filter: {}, after: all[2]?.id };
      await expect(listEvents(other.app.db.eventReads, removed)).rejects.toMatchObject({
        code: 'cursor_expired',
        details: { oldestEventId: all[6]?.id },
      });
      expect(await removeOldEvents(other.app.db, { days: 0, now: new Date(now + 1) }, signal)).toBe(4);
      await makeUser(other.app);
      expect((await readEvents(other.app)).map(({ position }) => position)).toEqual([11]);
    } finally {
      await other.close();
    }
  });

  test('says nothing personal of a user who was deleted with `erase`, and all of everybody else', async () => {
    const ada = { email: newAddress(), firstName: 'Ada', metadata: { secret: 'Lovelace' }, externalId: 'ada-1815' };
    const { id } = await makeUser(t.app, { ...ada, emailVerified: true, password: 'wkqzvxmrhtbj' });
    await linkAddresses(t.app, id, [ada.email]);
    await signIn(t, ada.email);
    await updateUser(t.app, 'roster', id, { firstName: 'Augusta', email: newAddress() });
    const before = await readEvents(t.app);
    await recordedBy(t.app, () => deleteUser(t.app, 'roster', id, {}, { erase: true }));
    await t.app.jobs.runDue();
    const after = await readEvents(t.app);
    const own = after.filter(({ userId }) => userId === id);
    expect(own.map(({ type }) => type)).toContain('user.deleted');
    for (const { text, body, id: eventId } of own) {
      expect(text).not.toMatch(/Ada|Augusta|Lovelace|1815|@/);
      expect(JSON.stringify(JSON.parse(text))).toBe(text);
      expect(body.id).toBe(eventId);
    }
    const others = (all: Recorded[]) => all.filter(({ userId }) => userId !== id);
    expect(others(after)).toEqual(others(before));
  });

  test('stays whole where a user is deleted without it', async () => {
    const address = newAddress();
    const { id } = await makeUser(t.app, { email: address });
    const [, deleted] = [await deleteUser(t.app, 'roster', id), (await readEvents(t.app)).at(-1)];
    await t.app.jobs.runDue();
    expect(deleted).toMatchObject({ type: 'user.deleted', body: { data: { email: address } } });
  });
});
