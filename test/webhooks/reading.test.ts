import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseOptions } from '../../src/db/database-options.ts';
import { newId } from '../../src/input/ids.ts';
import { listDeliveries } from '../../src/webhooks/delivery-list.ts';
import { replayWebhookEvents } from '../../src/webhooks/replay.ts';
import { sendTestEvent } from '../../src/webhooks/test-event.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { readEvents } from '../support/events.ts';
import { planOf, runSql } from '../support/plans.ts';
import { openRecorded, type Statement } from '../support/recording.ts';
import { testProvider } from '../support/test-database.ts';
import { makeUser } from '../support/users.ts';
import { deliveriesTo, makeEndpoint, type TestEndpoint } from '../support/webhooks.ts';

let t: TestApp;
let endpoint: TestEndpoint;
beforeAll(async () => {
  t = await createTestApp({ WEBHOOK_ALLOW_PRIVATE: 'true' });
  endpoint = await makeEndpoint(t.app, 'https://receiver.example/1', 'user.created');
  for (let i = 0; i < 7; i += 1) await makeUser(t.app);
  await readEvents(t.app);
});
afterAll(() => t.close());

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
type Answer = Record<string, any>;

const list = `query ($id: ID!, $state: WebhookDeliveryState, $first: Int, $after: String) {
  webhookEndpoint(id: $id) { deliveries(state: $state, first: $first, after: $after) {
    edges { cursor node { id endpointId eventId type isTest state attempt dueAt lastStatus lastError answer createdAt finishedAt
      event { id type data } } }
    pageInfo { hasNextPage hasPreviousPage endCursor } } } }`;

async function read(variables: object, key?: string): Promise<Answer> {
  const { data, errors } = await t.graphql<Answer, object>(list, { id: endpoint.id, ...variables }, key);
  return { ...(data?.webhookEndpoint?.deliveries as Answer), errors };
}

describe('the deliveries of an endpoint', () => {
  test('are listed newest first, page by page, all or those in one state', async () => {
    const [first, second] = await deliveriesTo(t.app, endpoint.id);
    const failed = { state: 'failed', attempt: 10, dueAt: null, lastStatus: 503, answer: 'no', finishedAt: new Date() };
    for (const { id } of [first, second] as { id: string }[])
      await t.app.db.transaction(({ prisma }) => prisma.webhookDelivery.update({ where: { id }, data: failed }));
    const newestFirst = (await deliveriesTo(t.app, endpoint.id))
      .map(({ id }) => id)
      .sort()
      .reverse();
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Answer = await read({ first: 3, after });
      seen.push(...page.edges.map(({ cursor }: Answer) => cursor));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(seen).toEqual(newestFirst);
    const { edges, pageInfo } = await read({ state: 'FAILED' });
    expect(pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    expect(edges.map(({ node }: Answer) => node.id).sort()).toEqual([first?.id, second?.id].sort());
    expect(edges[0].node).toMatchObject({
      endpointId: endpoint.id,
      type: 'USER_CREATED',
      isTest: false,
      state: 'FAILED',
      attempt: 10,
      dueAt: null,
      lastStatus: 503,
      lastError: null,
      answer: 'no',
      event: { type: 'USER_CREATED', data: { object: 'user' } },
    });
    expect(edges[0].node.event.id).toBe(edges[0].node.eventId);
    expect((await read({ state: 'CANCELLED' })).edges).toEqual([]);
  });

  test('are read at most a hundred at a time, and only after a cursor of theirs', async () => {
    expect((await read({ first: 101 })).errors?.[0]?.extensions).toMatchObject({ field: 'first' });
    expect((await read({ after: 'event_01E4ZCR3C56J083X43JQXF3JK5' })).errors?.[0]?.extensions.field).toBe('after');
  });

  test('take webhooks:read, and their events events:read, also below a mutation, which then does nothing', async () => {
    const { key: reader } = await t.app.apiKeys.create('reader', ['webhooks:read']);
    expect((await read({}, reader)).errors?.[0]?.message).toContain('events:read');
    const mutation = (selected: string) =>
      `mutation { updateWebhookEndpoint(id: "${endpoint.id}", input: {status: DISABLED}) { ${selected} } }`;
    const { key: writer } = await t.app.apiKeys.create('writer', ['webhooks:write']);
    const { errors } = await t.graphql(mutation('deliveries { pageInfo { hasNextPage } }'), {}, writer);
    expect(errors?.[0]?.message).toContain('webhooks:read');
    expect(await t.app.db.reader.webhookEndpoint.findFirst()).toMatchObject({ status: 'enabled' });
    const { data } = await t.graphql<Answer, object>(mutation('id').replace('DISABLED', 'ENABLED'), {}, writer);
    expect(data?.updateWebhookEndpoint).toEqual({ id: endpoint.id });
  });

  test('of an event that is no longer kept have none', async () => {
    const { id } = await makeEndpoint(t.app, 'https://receiver.example/2', 'user.deleted');
    const data = {
      ...newId('whd', new Date()),
      endpointId: id,
      eventId: 'event_01E4ZCR3C56J083X43JQXF3JK5',
      position: 0,
    };
    await t.app.db.transaction(({ prisma }) =>
      prisma.webhookDelivery.create({ data: { ...data, state: 'cancelled' } }),
    );
    expect((await read({ id })).edges).toMatchObject([{ node: { type: null, event: null, state: 'CANCELLED' } }]);
  });
});

test('what a mutation of deliveries answers can be watched', async () => {
  const [delivery] = await deliveriesTo(t.app, endpoint.id);
  const retry = `mutation { retryWebhookDelivery(id: "${delivery?.id}") { id state attempt } }`;
  const { data: retried } = await t.graphql<Answer, object>(retry);
  expect(retried?.retryWebhookDelivery).toEqual({ id: delivery?.id, state: 'PENDING', attempt: 0 });
  const send = `mutation { sendTestEvent(endpointId: "${endpoint.id}", type: IDENTITY_LINKED) { id isTest type event { id } } }`;
  const { data: sent } = await t.graphql<Answer, object>(send);
  expect(sent?.sendTestEvent).toMatchObject({ isTest: true, type: 'IDENTITY_LINKED', event: null });
  const watch = `{ webhookDelivery(id: "${sent?.sendTestEvent.id}") { id state } none: webhookDelivery(id: "whd_x") { id } }`;
  const { data: watched } = await t.graphql<Answer, object>(watch);
  expect(watched).toEqual({ webhookDelivery: { id: sent?.sendTestEvent.id, state: 'PENDING' }, none: null });
  const [oldest] = await readEvents(t.app);
  const replay = `mutation { replayWebhookEvents(endpointId: "${endpoint.id}", after: "${oldest?.id}", types: [USER_CREATED]) {
    deliveries isComplete endpoint { id } } }`;
  const { data: replayed } = await t.graphql<Answer, object>(replay);
  expect(replayed?.replayWebhookEvents).toEqual({
    deliveries: expect.any(Number),
    isComplete: true,
    endpoint: { id: endpoint.id },
  });
});

describe('with many deliveries', () => {
  let statements: Statement[] = [];
  let recorded: Awaited<ReturnType<typeof openRecorded>>;
  beforeAll(async () => {
    const { db } = t.app;
    const many = await makeEndpoint(t.app, 'https://receiver.example/many', 'user.created');
    for (const state of ['pending', 'delivered', 'failed'])
      await db.transaction(({ prisma }) =>
        prisma.webhookDelivery.createMany({
          data: Array.from({ length: 2000 }, () => {
            const { id, createdAt } = newId('whd', new Date());
            const eventId = id.replace('whd', 'event');
            return { id, createdAt, endpointId: many.id, eventId, position: 0, state };
          }),
        }),
      );
    endpoint = many;
    if (testProvider === 'postgresql') await runSql(t.app.config.DATABASE_URL, ['ANALYZE webhook_deliveries']);
    recorded = await openRecorded(databaseOptions(t.app.config), (statement) => {
      if (/webhook_deliveries/.test(statement.sql)) statements.push(statement);
    });
  });
  afterAll(() => recorded.close());

  test.each<[string, () => Promise<unknown>]>([
    ['a page of all', () => listDeliveries(recorded, endpoint.id, null, page)],
    ['a later page of all', () => listDeliveries(recorded, endpoint.id, null, { ...page, after: 'whd_7' })],
    ['a page of a state', () => listDeliveries(recorded, endpoint.id, 'failed', { ...page, after: 'whd_7' })],
    [
      'a replay',
      async () => {
        const [first] = await readEvents(t.app);
        await replayWebhookEvents({ ...t.app, db: recorded }, 'roster', endpoint.id, first?.id as string);
      },
    ],
    ['a test', () => sendTestEvent({ ...t.app, db: recorded }, 'roster', endpoint.id, 'user.created')],
  ])('%s reads no more than it shows: an index finds it, in its order', async (_what, work) => {
    statements = [];
    await work();
    expect(statements.length).toBeGreaterThan(0);
    const plans = await Promise.all(statements.map((statement) => planOf(t.app.config.DATABASE_URL, statement)));
    expect(
      plans.flat().filter((step) => /Seq Scan|Sort|SCAN webhook|TEMP B-TREE|endpoint_id=\?\)$/.test(step)),
    ).toEqual([]);
  });

  test('what waits of an event is found by the event, however much waits for its endpoint', async () => {
    statements = [];
    const [first] = await readEvents(t.app);
    await replayWebhookEvents({ ...t.app, db: recorded }, 'roster', endpoint.id, first?.id as string);
    const [waiting] = statements.filter(({ sql }) => sql.startsWith('SELECT event_id'));
    expect((await planOf(t.app.config.DATABASE_URL, waiting as Statement)).join('\n')).toContain(
      'webhook_deliveries_event_id_idx',
    );
  });

  const page = { order: 'desc', fromEnd: false, limit: 20 } as const;
});
