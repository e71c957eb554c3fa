import { describe, expect, test } from 'vitest';
import { workosEventTypes } from '../../src/events/event-types.ts';
import { readEvents, workosExamples } from '../support/events.ts';
import { request, useRestServer } from '../support/rest.ts';
import { linkAddresses, newAddress } from '../support/users.ts';
import { findEventProblem, workosJudges } from '../support/workos-openapi.ts';

const t = useRestServer();
const password = 'purple tractor ankle monsoon';

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
