import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished, test } from 'vitest';
import { allEventTypes, eventTypes } from '../../src/events/event-types.ts';
import type { ApiKeyPrincipal } from '../../src/principal/principal.ts';
import { deleteWebhookEndpoint, updateWebhookEndpoint } from '../../src/webhooks/endpoints.ts';
import { continueReplay, replayWebhookEvents } from '../../src/webhooks/replay.ts';
import { retryWebhookDelivery } from '../../src/webhooks/retry.ts';
import { sendTestEvent } from '../../src/webhooks/test-event.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { readEvents } from '../support/events.ts';
import { startReceiver } from '../support/receiver.ts';
import { makeUser } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';
import { deliveriesTo, makeEndpoint, untilDeliveries } from '../support/webhooks.ts';
import { findEventProblem, workosJudges } from '../support/workos-openapi.ts';

/** The whole service with what it does beside the requests. */
async function open(settings: Record<string, string> = {}): Promise<TestApp> {
  const t = await createTestApp({ WEBHOOK_ALLOW_PRIVATE: 'true', SHUTDOWN_TIMEOUT_MS: '300', ...settings });
  onTestFinished(t.close);
  t.app.start();
  return t;
}

/** Without what sends: what is due stays due. */
const openStill = () => open({ RUN_JOBS: 'false' });

/** The code that a call is refused with. */
const refusalOf = (call: Promise<unknown>) =>
  call.then(
    () => 'not refused',
    ({ code }) => code,
  );

/** So many events that an endpoint is sent, with their positions. */
async function makeUsers({ app }: TestApp, count: number) {
  for (let i = 0; i < count; i += 1) await makeUser(app);
  return (await readEvents(app)).filter(({ type }) => type === 'user.created');
}

const unknownEvent = 'event_7ZZZZZZZZZZZZZZZZZZZZZZZZZ';
const unknownEndpoint = 'we_01E4ZCR3C56J083X43JQXF3JK5';

describe('a retry', () => {
  test.each(['delivered', 'failed'])(
    'makes one delivery that has %s again, with the same id and a new timestamp',
    async (state) => {
      const [t, receiver] = [await open(), await startReceiver()];
      const endpoint = await makeEndpoint(t.app, receiver.url);
      receiver.answer((response) => response.writeHead(state === 'failed' ? 500 : 200).end('first'));
      await makeUsers(t, 2);
      await waitFor(
        'two attempts',
        async () =>
          (await deliveriesTo(t.app, endpoint.id)).filter(({ lastStatus, lease }) => lastStatus && !lease).length === 2,
      );
      const over = { state, dueAt: null, attempt: 10, finishedAt: new Date() };
      await t.app.db.transaction(({ prisma }) => prisma.webhookDelivery.updateMany({ data: over }));
      receiver.answer((response) => response.end('second'));
      const later = Date.now() + 2000;
      Object.assign(t.app, { now: () => new Date(later) });
      const [first, other] = await deliveriesTo(t.app, endpoint.id);
      const retried = await retryWebhookDelivery(t.app, 'roster', first?.id as string);
      expect(retried).toMatchObject({ id: first?.id, state: 'pending', attempt: 0, finishedAt: null });
      const after = await waitFor('the answer', async () =>
        (await deliveriesTo(t.app, endpoint.id)).find(({ answer }) => answer === 'second'),
      );
      expect(after).toMatchObject({ id: first?.id, state: 'delivered', attempt: 1 });
      expect(receiver.webhooks).toHaveLength(3);
      const sent = receiver.webhooks.filter(({ headers }) => headers['webhook-id'] === first?.eventId);
      expect(sent).toHaveLength(2);
      expect(sent[1]?.body).toBe(sent[0]?.body);
      expect(sent[1]?.headers['webhook-timestamp']).toBe(String(Math.floor(later / 1000)));
      expect((await deliveriesTo(t.app, endpoint.id))[1]).toEqual(other);
    },
  );

  test('of one that waits for its next attempt makes it now, and goes on with its schedule', async () => {
    const t = await openStill();
    const endpoint = await makeEndpoint(t.app, 'https://receiver.example/1');
    await makeUsers(t, 1);
    const waits = { attempt: 7, dueAt: new Date(Date.now() + 3_600_000) };
    await t.app.db.transaction(({ prisma }) => prisma.webhookDelivery.updateMany({ data: waits }));
    const [delivery] = await deliveriesTo(t.app, endpoint.id);
    const retried = await retryWebhookDelivery(t.app, 'roster', delivery?.id as string);
    expect(retried).toMatchObject({ state: 'pending', attempt: 7 });
    expect(retried.dueAt?.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test('of one that is being made changes nothing', async () => {
    const t = await openStill();
    const endpoint = await makeEndpoint(t.app, 'https://receiver.example/1');
    await makeUsers(t, 1);
    const leased = { lease: 'x', leasedUntil: new Date(Date.now() + 60_000), attempt: 1 };
    await t.app.db.transaction(({ prisma }) => prisma.webhookDelivery.updateMany({ data: leased }));
    const [before] = await deliveriesTo(t.app, endpoint.id);
    expect(await retryWebhookDelivery(t.app, 'roster', before?.id as string)).toEqual(before);
  });

  test('says why not', async () => {
    const t = await openStill();
    const endpoint = await makeEndpoint(t.app, 'https://receiver.example/1');
    await makeUsers(t, 1);
    const id = (await deliveriesTo(t.app, endpoint.id))[0]?.id as string;
    const retry = () => refusalOf(retryWebhookDelivery(t.app, 'roster', id));
    expect(await refusalOf(retryWebhookDelivery(t.app, 'roster', 'nonsense\0'))).toBe('entity_not_found');
    await updateWebhookEndpoint(t.app, 'roster', endpoint.id, { status: 'disabled' });
    expect(await retry()).toBe('webhook_endpoint_disabled');
    await updateWebhookEndpoint(t.app, 'roster', endpoint.id, { status: 'enabled' });
    await t.app.db.transaction(({ prisma }) => prisma.event.deleteMany());
    expect(await retry()).toBe('event_expired');
    await deleteWebhookEndpoint(t.app, 'roster', endpoint.id);
    expect(await retry()).toBe('entity_not_found');
  });
});

describe('a replay', () => {
  test('sends a disabled endpoint, when it is enabled again, what it has missed, in order', async () => {
    const [t, receiver] = [await open(), await startReceiver()];
    const endpoint = await makeEndpoint(t.app, receiver.url, 'user.created');
    await makeUsers(t, 1);
    await untilDeliveries(t.app, endpoint.id, 'delivered');
    receiver.answer((response) => response.writeHead(410).end());
    await makeUsers(t, 1);
    await untilDeliveries(t.app, endpoint.id, 'failed');
    await waitFor('the end', async () => (await t.app.db.reader.webhookEndpoint.findFirst())?.status === 'disabled');
    const events = await makeUsers(t, 5);
    receiver.answer((response) => response.end('ok'));
    const replay = () => replayWebhookEvents(t.app, 'roster', endpoint.id, events[0]?.id as string);
    expect(await refusalOf(replay())).toBe('webhook_endpoint_disabled');
    await updateWebhookEndpoint(t.app, 'roster', endpoint.id, { status: 'enabled' });
    expect(await replay()).toMatchObject({ deliveries: 6, isComplete: true });
    await untilDeliveries(t.app, endpoint.id, 'delivered', 7);
    const sent = receiver.webhooks.slice(2).map(({ headers }) => headers['webhook-id']);
    expect(sent.sort()).toEqual(
      events
        .slice(1)
        .map(({ id }) => id)
        .sort(),
    );
  });

  test('makes nothing twice that waits already, and has it sent now', async () => {
    const t = await openStill();
    const endpoint = await makeEndpoint(t.app, 'https://receiver.example/1', 'user.created');
    const other = await makeEndpoint(t.app, 'https://receiver.example/2', 'user.created');
    const events = await makeUsers(t, 4);
    const [, second, third] = await deliveriesTo(t.app, endpoint.id);
    const late = new Date(Date.now() + 3_600_000);
    await t.app.db.transaction(async ({ prisma }) => {
      await prisma.webhookDelivery.update({ where: { id: second?.id as string }, data: { dueAt: late, attempt: 5 } });
      const delivered = { state: 'delivered', dueAt: null, finishedAt: new Date() };
      await prisma.webhookDelivery.update({ where: { id: third?.id as string }, data: delivered });
    });
    const before = await deliveriesTo(t.app, other.id);
    const replay = () => replayWebhookEvents(t.app, 'roster', endpoint.id, events[0]?.id as string);
    expect(await replay()).toMatchObject({ deliveries: 2, isComplete: true });
    expect(await replay()).toMatchObject({ deliveries: 0, isComplete: true });
    const all = await deliveriesTo(t.app, endpoint.id);
    expect(all).toHaveLength(5);
    expect(all.filter(({ eventId }) => eventId === third?.eventId)).toHaveLength(2);
    expect(all.filter(({ dueAt }) => dueAt && dueAt.getTime() > Date.now())).toEqual([]);
    expect(all.find(({ id }) => id === second?.id)).toMatchObject({ attempt: 5 });
    expect(await deliveriesTo(t.app, other.id)).toEqual(before);
  });

  test('sends what the endpoint is sent, or the types that are given', async () => {
    const t = await openStill();
    const endpoint = await makeEndpoint(t.app, 'https://receiver.example/1', 'user.deleted organization.created');
    const [first] = await makeUsers(t, 3);
    const replay = (types?: ['user.created'] | []) =>
      replayWebhookEvents(t.app, 'roster', endpoint.id, first?.id as string, types);
    expect(await replay()).toMatchObject({ deliveries: 0 });
    expect(await replay([])).toMatchObject({ deliveries: 0 });
    expect(await replay(['user.created'])).toMatchObject({ deliveries: 2 });
  });

  test('goes on in a job, block by block, and from where it was when its process ended', async () => {
    const t = await openStill();
    const endpoint = await makeEndpoint(t.app, 'https://receiver.example/1', 'user.deleted');
    const [first] = await makeUsers(t, 1);
    const events = Array.from({ length: 900 }, () => t.app.events.sampleOf('user.deleted'));
    await t.app.db.transaction(({ statements }) => statements.insert({ event: events }));
    await readEvents(t.app);
    await t.app.db.transaction(({ prisma }) => prisma.webhookDelivery.deleteMany());
    const begun = await replayWebhookEvents(t.app, 'roster', endpoint.id, first?.id as string);
    expect(begun.isComplete).toBe(false);
    expect(begun.deliveries).toBe(100);
    const job = () => t.app.db.reader.job.findFirstOrThrow({ where: { kind: 'webhooks.replay' } });
    const { id, payload } = await job();
    const stop = new AbortController();
    const wake = () => stop.abort(new Error('killed'));
    const killed = continueReplay({ ...t.app, deliveries: { wake } }, payload, { id, signal: stop.signal });
    await expect(killed).rejects.toThrow('aborted');
    const halfway = await t.app.db.reader.webhookDelivery.count();
    expect(halfway).toBeGreaterThan(begun.deliveries);
    expect(halfway).toBeLessThan(900);
    await t.app.jobs.runDue();
    const eventIds = (await deliveriesTo(t.app, endpoint.id)).map(({ eventId }) => eventId);
    expect(eventIds.sort()).toEqual(events.map((event) => event.id).sort());
    await continueReplay(
      t.app,
      { endpointId: unknownEndpoint, types: [], after: 0, to: 1 },
      { id, signal: new AbortController().signal },
    );
    expect(t.logged()).toContain('a replay to a webhook endpoint has ended early');
  });

  test('is refused after an event that is unknown, or no longer kept, as a list of events is', async () => {
    const t = await openStill();
    const endpoint = await makeEndpoint(t.app, 'https://receiver.example/1');
    const [first] = await makeUsers(t, 2);
    const replay = (after: string, id = endpoint.id) => refusalOf(replayWebhookEvents(t.app, 'roster', id, after));
    expect(await replay(unknownEvent)).toBe('unknown_cursor');
    expect(await replay('')).toBe('unknown_cursor');
    expect(await replay(first?.id as string, unknownEndpoint)).toBe('entity_not_found');
    await t.app.db.transaction(({ prisma }) => prisma.event.deleteMany({ where: { id: first?.id as string } }));
    expect(await replay(first?.id as string)).toBe('cursor_expired');
  });
});

describe('a test', () => {
  test.each(allEventTypes)('of %s is an event like any other, and none', async (type) => {
    const [t, receiver] = [await open(), await startReceiver()];
    const endpoint = await makeEndpoint(t.app, receiver.url, 'user.deleted');
    await makeEndpoint(t.app, `${receiver.url}/other`, type);
    const delivery = await sendTestEvent(t.app, 'roster', endpoint.id, type);
    expect(delivery).toMatchObject({ state: 'pending', endpointId: endpoint.id });
    await untilDeliveries(t.app, endpoint.id, 'delivered');
    expect(receiver.webhooks).toHaveLength(1);
    const [{ headers, body }] = receiver.webhooks as [(typeof receiver.webhooks)[0]];
    expect(JSON.stringify(JSON.parse(body))).toBe(body);
    expect(headers).toMatchObject({ 'roster-test': 'true', 'webhook-id': delivery.eventId });
    const verified = new Webhook(endpoint.secret).verify(body, headers as Record<string, string>);
    expect(verified).toMatchObject({ id: delivery.eventId, event: type, context: { actor: { name: 'Test event' } } });
    if (!eventTypes[type].isOwn)
      for (const judge of workosJudges.slice(-1)) expect(findEventProblem(judge, JSON.parse(body))).toBeNull();
    expect(await readEvents(t.app)).toEqual([]);
  });

  test('is made once, whatever the answer is, and does not count for the health of the endpoint', async () => {
    const [t, receiver] = [await open(), await startReceiver()];
    const endpoint = await makeEndpoint(t.app, receiver.url);
    receiver.answer((response) => response.writeHead(410).end('gone'));
    await sendTestEvent(t.app, 'roster', endpoint.id, 'user.created');
    const [delivery] = await untilDeliveries(t.app, endpoint.id, 'failed');
    expect(delivery).toMatchObject({ attempt: 1, lastStatus: 410, dueAt: null });
    receiver.answer((response) => response.writeHead(500).end());
    await retryWebhookDelivery(t.app, 'roster', delivery?.id as string);
    await waitFor('the second', async () => (await deliveriesTo(t.app, endpoint.id))[0]?.lastStatus === 500);
    expect(await deliveriesTo(t.app, endpoint.id)).toMatchObject([{ state: 'failed', attempt: 1 }]);
    expect(await t.app.db.reader.webhookEndpoint.findFirst()).toMatchObject({ status: 'enabled', failures: 0 });
  });

  test('says why not', async () => {
    const t = await openStill();
    const endpoint = await makeEndpoint(t.app, 'https://receiver.example/1', 'user.created', { status: 'disabled' });
    const send = (id: string) => refusalOf(sendTestEvent(t.app, 'roster', id, 'user.created'));
    expect(await send(endpoint.id)).toBe('webhook_endpoint_disabled');
    expect(await send(unknownEndpoint)).toBe('entity_not_found');
  });
});

test('each of them takes webhooks:write, and the log says who did it', async () => {
  const t = await openStill();
  const endpoint = await makeEndpoint(t.app, 'https://receiver.example/1');
  const [event] = await makeUsers(t, 1);
  const [delivery] = await deliveriesTo(t.app, endpoint.id);
  const calls = [
    (actor: ApiKeyPrincipal) => retryWebhookDelivery(t.app, actor, delivery?.id as string),
    (actor: ApiKeyPrincipal) => replayWebhookEvents(t.app, actor, endpoint.id, event?.id as string),
    (actor: ApiKeyPrincipal) => sendTestEvent(t.app, actor, endpoint.id, 'user.created'),
    (actor: ApiKeyPrincipal) => updateWebhookEndpoint(t.app, actor, endpoint.id, { eventTypes: ['user.deleted'] }),
    (actor: ApiKeyPrincipal) => deleteWebhookEndpoint(t.app, actor, endpoint.id),
  ];
  for (const [i, call] of calls.entries()) {
    const key = { kind: 'api-key', id: `key_${i}`, name: 'operator', requestId: `request-${i}` } as const;
    expect(await refusalOf(call({ ...key, scopes: ['webhooks:read', 'events:read'] }))).toBe('forbidden');
    expect(await refusalOf(call({ ...key, scopes: ['webhooks:write'] }))).toBe('not refused');
    const line = t
      .logged()
      .split('\n')
      .find((text) => text.includes(`request-${i}`));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      endpointId: endpoint.id,
      actor: { kind: 'api_key', id: `key_${i}`, name: 'operator' },
    });
  }
});

test('of a deleted endpoint nothing stays, and what was being sent ends without an error', async () => {
  const [t, receiver] = [await open(), await startReceiver()];
  const endpoint = await makeEndpoint(t.app, receiver.url);
  const other = await makeEndpoint(t.app, `${receiver.url}/other`);
  const answers: (() => void)[] = [];
  receiver.answer((response, { path }) => {
    if (path.endsWith('other')) response.end('ok');
    else answers.push(() => response.writeHead(500).end());
  });
  await makeUsers(t, 30);
  await waitFor('an attempt', () => answers.length > 0);
  await deleteWebhookEndpoint(t.app, 'roster', endpoint.id);
  await waitFor('the removal', async () => (await deliveriesTo(t.app, endpoint.id)).length === 0);
  receiver.answer((response) => response.end('ok'));
  for (const answer of answers) answer();
  await untilDeliveries(t.app, other.id, 'delivered', 30);
  await waitFor(
    'the removal',
    async () => (await t.app.db.reader.job.count({ where: { kind: 'webhooks.remove-deliveries' } })) === 0,
  );
  expect(await t.app.db.reader.webhookDelivery.count()).toBe(30);
  expect(t.logged()).not.toMatch(/"level":(50|60|"error")/);
});
