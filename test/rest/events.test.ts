import { AutoPaginatable, type WorkOS } from '@workos-inc/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { AutoPaginatable as AutoPaginatable11, WorkOS as WorkOS11 } from 'workos-11';
import { workosEventTypes } from '../../src/events/event-types.ts';
import { readEvents, workosExamples } from '../support/events.ts';
import { createWorkOS, request, useRestServer } from '../support/rest.ts';
import { linkAddresses, newAddress } from '../support/users.ts';
import { findEventProblem, workosJudges } from '../support/workos-openapi.ts';

const t = useRestServer();
const password = 'wkqzvxmrhtbj';

type Options = Parameters<typeof t.workos.events.listEvents>[0];

/** Goes on until there is no more, as the SDKs' own lists do: with all that was asked for, and the cursor. */
async function readAll(options: Options) {
  const first = await t.workos.events.listEvents(options);
  const events = [...first.data];
  for (let { after } = first.listMetadata; after; ) {
    const next = await t.workos.events.listEvents({ ...options, after });
    events.push(...next.data);
    after = next.listMetadata.after;
  }
  return events;
}

describe("WorkOS's SDK", () => {
  test('reads every event page by page, as it was recorded', async () => {
    const users = t.workos.userManagement;
    for (let i = 0; i < 25; i += 1) {
      const { id } = await users.createUser({ email: newAddress(), firstName: `Ada ${i}`, metadata: { 7: 'seven' } });
      await users.updateUser({ userId: id, firstName: 'Augusta' });
      await linkAddresses(t.server.app, id, [null]);
      await users.deleteUser(id);
    }
    const recorded = await readEvents(t.server.app);
    const events = await readAll({ events: ['user.created', 'user.updated'], limit: 10 });
    const expected = recorded.filter(({ type }) => ['user.created', 'user.updated'].includes(type));
    expect(events.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    expect(events[0]).toMatchObject({ event: 'user.created', data: { firstName: 'Ada 0', metadata: { 7: 'seven' } } });
    const rangeStart = (expected[30] as (typeof expected)[number]).createdAt.toISOString();
    const later = await readAll({ events: ['user.created'], limit: 3, rangeStart });
    expect(later.map(({ id }) => id)).toEqual(
      expected
        .filter(({ type, createdAt }) => type === 'user.created' && createdAt.toISOString() >= rangeStart)
        .map(({ id }) => id),
    );
  });

  test('goes on from the last event that it has seen', async () => {
    const [newest] = (await t.workos.events.listEvents({ events: ['user.created'], limit: 1, order: 'desc' })).data;
    const { id } = await t.workos.userManagement.createUser({ email: newAddress() });
    await readEvents(t.server.app);
    const { data } = await t.workos.events.listEvents({ events: ['user.created'], after: newest?.id as string });
    expect(data).toMatchObject([{ event: 'user.created', data: { id } }]);
  });
});

const sdks = [
  ['8', null, AutoPaginatable],
  ['11', WorkOS11 as unknown as typeof WorkOS, AutoPaginatable11 as unknown as typeof AutoPaginatable],
] as const;

describe.each(sdks)("WorkOS's SDK %s pages by itself, a hundred events at a time,", (_version, Client, Pages) => {
  const events: Options['events'] = ['user.created', 'user.updated', 'user.deleted'];
  let workos: WorkOS;
  beforeAll(async () => {
    workos = Client ? createWorkOS(t, t.server.key, Client) : t.workos;
    const { app } = t.server;
    const { id } = await t.workos.userManagement.createUser({ email: newAddress(), firstName: 'É "𝒜" \\' });
    const user = await app.db.reader.user.findUniqueOrThrow({ where: { id } });
    const before = { ...user, firstName: 'Ada' };
    const updates = Array.from({ length: 250 }, () => ({ type: 'user.updated', user, before }) as const);
    await app.db.transaction((tx) => app.events.record(tx, 'roster', updates));
  });

  /** As the SDK reads its other lists: until there is no further page. */
  async function readAllPages(options: Options) {
    const next = (page: object) => workos.events.listEvents({ ...options, ...page });
    return new Pages(await next({}), next, options).autoPagination();
  }

  test.each(['asc', 'desc'] as const)('through all of them, in the order %s, each once and whole', async (order) => {
    const recorded = (await readEvents(t.server.app)).filter(({ type }) => (events as string[]).includes(type));
    if (order === 'desc') recorded.reverse();
    const read = await readAllPages({ events, order });
    expect(read.length).toBeGreaterThan(250);
    expect(read.map(({ id }) => id)).toEqual(recorded.map(({ id }) => id));
    for (const [i, { event, data, createdAt }] of read.entries()) {
      const { type, body } = recorded[i] as (typeof recorded)[number];
      expect({ event, id: (data as { id: string }).id, createdAt }).toEqual({
        event: type,
        id: body.data.id,
        createdAt: body.created_at,
      });
    }
  });

  test('and goes on from the last event that it has seen, to what happens meanwhile', async () => {
    const [newest] = (await workos.events.listEvents({ events, limit: 1, order: 'desc' })).data;
    const { id } = await t.workos.userManagement.createUser({ email: newAddress() });
    await readEvents(t.server.app);
    const read = await readAllPages({ events, after: newest?.id as string });
    expect(read).toMatchObject([{ event: 'user.created', data: { id } }]);
  });
});

describe("every event is as the schema of its type in WorkOS's document says", () => {
  test('whatever is recorded of it', async () => {
    const email = newAddress();
    const { body: user } = await request(t, 'POST', '/user_management/users', {
      json: { email, password, email_verified: true },
    });
    await request(t, 'POST', '/user_management/authenticate', { json: { grant_type: 'password', email, password } });
    await request(t, 'POST', '/user_management/authenticate', {
      json: { grant_type: 'password', email, password: 'x' },
    });
    const { app } = t.server;
    const row = await app.db.reader.user.findUniqueOrThrow({ where: { id: user.id } });
    const session = await app.db.reader.session.findFirstOrThrow({ where: { userId: user.id } });
    const examples = workosExamples(row, session);
    expect(new Set(examples.map(({ type }) => type))).toEqual(new Set(workosEventTypes));
    await app.db.transaction((tx) => app.events.record(tx, 'roster', examples));
    const recorded = (await readEvents(app)).filter(({ type }) => (workosEventTypes as string[]).includes(type));
    const newest = workosJudges.at(-1);
    if (!newest) throw new Error('There is no document of WorkOS.');
    expect(recorded.map(({ body }) => findEventProblem(newest, body)).filter((problem) => problem !== null)).toEqual(
      [],
    );
  });

  test('which finds what is wrong with one', async () => {
    const [event] = await readEvents(t.server.app);
    for (const judge of workosJudges) {
      expect(findEventProblem(judge, { ...event?.body, data: {} })).not.toBeNull();
    }
  });
});
