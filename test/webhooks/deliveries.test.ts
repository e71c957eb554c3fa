import { setTimeout as sleep } from 'node:timers/promises';
import { WorkOS } from '@workos-inc/node';
import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { updateUser } from '../../src/users/update.ts';
import { createDeliveries } from '../../src/webhooks/deliveries.ts';
import { createSender } from '../../src/webhooks/sender.ts';
import { createTestApp } from '../support/app.ts';
import { readEvents } from '../support/events.ts';
import { startReceiver } from '../support/receiver.ts';
import { makeUser } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';
import { deliveriesTo, makeEndpoint, untilDeliveries } from '../support/webhooks.ts';

const hour = 3_600_000;

/** The whole service with what it does beside the requests. */
async function openApp(settings: Record<string, string> = {}): Promise<App> {
  const t = await createTestApp({ WEBHOOK_ALLOW_PRIVATE: 'true', SHUTDOWN_TIMEOUT_MS: '300', ...settings });
  onTestFinished(t.close);
  t.app.start();
  return t.app;
}

const rename = (app: App, id: string, firstName: string) => updateUser(app, 'roster', id, { firstName });

/** Lets the whole service see this time from now on. */
const setTime = (app: App, time: Date) => Object.assign(app, { now: () => time });

describe('an event', () => {
  test('after a clock that was set back is sent at once, and not when that time comes again', async () => {
    const [app, receiver] = [await openApp({ RUN_JOBS: 'false' }), await startReceiver()];
    const endpoint = await makeEndpoint(app, receiver.url, 'user.created');
    setTime(app, new Date(Date.now() + hour));
    await makeUser(app);
    await readEvents(app);
    Object.assign(app, { now: () => new Date() });
    await makeUser(app);
    const [, second] = await readEvents(app);
    expect(Number(second?.createdAt)).toBeGreaterThan(Date.now() + hour / 2);
    const sender = createSender({ mayBePrivate: () => true });
    const worker = createDeliveries({ ...app, sender, now: () => new Date() });
    onTestFinished(() => worker.stop(300));
    worker.start();
    await untilDeliveries(app, endpoint.id, 'delivered', 2);
  });

  test('reaches the endpoint that is sent its type, signed, as it was recorded', async () => {
    const [app, receiver] = [await openApp(), await startReceiver()];
    const endpoint = await makeEndpoint(app, receiver.url, 'user.updated session.created');
    const { id } = await makeUser(app);
    await rename(app, id, 'Élodie "𝒜" \\');
    const [delivery] = await untilDeliveries(app, endpoint.id, 'delivered');
    const event = (await readEvents(app)).find(({ type }) => type === 'user.updated');
    expect(receiver.webhooks).toHaveLength(1);
    const { headers, body } = receiver.webhooks[0] as (typeof receiver.webhooks)[0];
    expect(body).toBe(event?.text);
    expect(JSON.stringify(JSON.parse(body))).toBe(body);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^Roster\/\d/),
      'webhook-id': event?.id,
      'roster-payload-version': '2026-11-26',
    });
    expect(new Webhook(endpoint.secret).verify(body, headers as Record<string, string>)).toEqual(event?.body);
    const constructed = await new WorkOS('sk').webhooks.constructEvent({
      payload: JSON.parse(body),
      sigHeader: headers['workos-signature'] as string,
      secret: endpoint.secret,
    });
    expect(constructed).toMatchObject({ id: event?.id, event: 'user.updated', data: { id } });
    expect(delivery).toMatchObject({
      id: expect.stringMatching(/^whd_[0-9A-HJKMNP-TV-Z]{26}$/),
      eventId: event?.id,
      userId: id,
      attempt: 1,
      lastStatus: 200,
      lastError: null,
      answer: 'ok',
      dueAt: null,
      lease: null,
      leasedUntil: null,
      finishedAt: expect.any(Date),
    });
    expect(Number(delivery?.position)).toBe(event?.position);
  });

  test('makes no delivery where none is to be sent', async () => {
    const [app, receiver] = [await openApp(), await startReceiver()];
    await makeEndpoint(app, receiver.url, 'user.updated', { status: 'disabled' });
    await makeEndpoint(app, `${receiver.url}/2`, 'xuser.created user.createdx user_created user.deleted');
    await makeUser(app);
    await readEvents(app);
    expect(await app.db.reader.webhookDelivery.count()).toBe(0);
  });

  test('reaches every endpoint that is sent its type, once', async () => {
    const [app, receiver] = [await openApp(), await startReceiver()];
    const endpoints = [];
    for (let i = 0; i < 5; i += 1) endpoints.push(await makeEndpoint(app, `${receiver.url}/${i}`));
    for (let i = 0; i < 10; i += 1) await makeUser(app);
    for (const { id } of endpoints) await untilDeliveries(app, id, 'delivered', 10);
    const seen = receiver.webhooks.map(({ path, headers }) => `${path} ${headers['webhook-id']}`);
    expect(seen).toHaveLength(50);
    expect(new Set(seen).size).toBe(50);
  });
});

describe('a delivery that failed', () => {
  test('is made again later, with the same id and another signature', async () => {
    const [app, receiver] = [await openApp(), await startReceiver()];
    const endpoint = await makeEndpoint(app, receiver.url);
    receiver.answer((response) => response.writeHead(500).end('no'));
    const start = Date.now();
    setTime(app, new Date(start));
    await makeUser(app);
    const waiting = await waitFor('the failure', async () => {
      const [delivery] = await deliveriesTo(app, endpoint.id);
      return delivery?.lastStatus === 500 && delivery.lease === null && delivery;
    });
    expect(waiting).toMatchObject({ state: 'pending', attempt: 1, answer: 'no', finishedAt: null });
    const delayMs = (waiting.dueAt as Date).getTime() - start;
    expect(delayMs).toBeGreaterThanOrEqual(4000);
    expect(delayMs).toBeLessThanOrEqual(6000);
    receiver.answer((response) => response.end('ok'));
    setTime(app, new Date(start + 60_000));
    await untilDeliveries(app, endpoint.id, 'delivered');
    const [first, second] = receiver.webhooks;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature']);
    expect(await app.db.reader.webhookEndpoint.findFirst()).toMatchObject({ failures: 0, failingSince: null });
  });

  test('has failed for good after ten attempts in three days', async () => {
    const [app, receiver] = [await openApp(), await startReceiver()];
    const endpoint = await makeEndpoint(app, receiver.url);
    receiver.answer((response) => response.writeHead(302, { Location: '/elsewhere' }).end());
    const start = Date.now();
    await makeUser(app);
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      const [delivery] = await waitFor(`attempt ${attempt}`, async () => {
        const found = await deliveriesTo(app, endpoint.id);
        return found[0]?.attempt === attempt && found[0].lease === null ? found : found[0]?.state === 'failed' && found;
      });
      if (delivery?.dueAt) setTime(app, new Date(delivery.dueAt.getTime() + 1));
    }
    const [delivery] = await untilDeliveries(app, endpoint.id, 'failed');
    expect(delivery).toMatchObject({ attempt: 10, lastStatus: 302, dueAt: null });
    expect(receiver.webhooks).toHaveLength(10);
    expect(app.now().getTime() - start).toBeGreaterThan(60 * hour);
  });

  test('waits as long as the receiver asks', async () => {
    const [app, receiver] = [await openApp(), await startReceiver()];
    const endpoint = await makeEndpoint(app, receiver.url);
    receiver.answer((response) => response.writeHead(429, { 'Retry-After': '3600' }).end());
    await makeUser(app);
    const dueAt = await waitFor('the pause', async () => {
      const [delivery] = await deliveriesTo(app, endpoint.id);
      return delivery?.lastStatus === 429 && delivery.dueAt;
    });
    expect(dueAt.getTime() - Date.now()).toBeGreaterThan(0.9 * hour);
  });
});

describe('an endpoint is disabled', () => {
  test('at once when it says that it is gone', async () => {
    const [app, receiver] = [await openApp(), await startReceiver()];
    const endpoint = await makeEndpoint(app, receiver.url);
    receiver.answer((response) => response.writeHead(410).end());
    await makeUser(app);
    await untilDeliveries(app, endpoint.id, 'failed');
    expect(await app.db.reader.webhookEndpoint.findFirst()).toMatchObject({
      status: 'disabled',
      disabledReason: 'gone',
    });
    await makeUser(app);
    await readEvents(app);
    expect(await deliveriesTo(app, endpoint.id)).toHaveLength(1);
  });

  test('when all has failed for five days', async () => {
    const [app, receiver] = [await openApp(), await startReceiver()];
    const failingSince = new Date(Date.now() - 5 * 24 * hour);
    const endpoint = await makeEndpoint(app, receiver.url, 'user.created', { failingSince, failures: 3 });
    receiver.answer((response) => response.writeHead(500).end());
    await makeUser(app);
    await waitFor('the end', async () => (await app.db.reader.webhookEndpoint.findFirst())?.status === 'disabled');
    expect(await deliveriesTo(app, endpoint.id)).toMatchObject([{ state: 'pending', attempt: 1 }]);
  });
});

test('what is about one user arrives in order, at most four at once', async () => {
  const [app, receiver] = [await openApp(), await startReceiver()];
  const endpoint = await makeEndpoint(app, receiver.url, 'user.updated');
  let [now, most] = [0, 0];
  const ended: string[] = [];
  receiver.answer(async (response, { body }) => {
    now += 1;
    most = Math.max(most, now);
    await sleep(Math.random() * 15);
    const { data } = JSON.parse(body);
    ended.push(`${data.id} ${data.first_name}`);
    now -= 1;
    response.end('ok');
  });
  const users = await Promise.all(Array.from({ length: 6 }, () => makeUser(app)));
  for (let i = 0; i < 10; i += 1) await Promise.all(users.map(({ id }) => rename(app, id, `Name ${i}`)));
  await untilDeliveries(app, endpoint.id, 'delivered', 60);
  for (const { id } of users) {
    const names = ended.filter((text) => text.startsWith(id)).map((text) => text.slice(id.length + 1));
    expect(names).toEqual(Array.from({ length: 10 }, (_, i) => `Name ${i}`));
  }
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
});

test('endpoints that say nothing delay no other, and no update', async () => {
  const [app, silent, quick] = [await openApp(), await startReceiver(), await startReceiver()];
  let ended = 0;
  silent.answer((response) => void response.on('close', () => (ended += 1)));
  for (let i = 0; i < 12; i += 1) await makeEndpoint(app, `${silent.url}/${i}`);
  for (let i = 0; i < 20; i += 1) await makeUser(app);
  await waitFor('all that is sent to the silent ones', () => silent.webhooks.length >= 12);
  const { id } = await makeEndpoint(app, quick.url);
  const { id: userId } = await makeUser(app);
  for (let i = 0; i < 30; i += 1) await rename(app, userId, `Name ${i}`);
  await untilDeliveries(app, id, 'delivered', 31);
  expect(ended).toBe(0); // all is there before the first of them is given up
  expect(silent.webhooks.length).toBeLessThanOrEqual(16);
});

test('two processes share the work, and none of it is done twice', async () => {
  const [app, receiver] = [await openApp({ RUN_JOBS: 'false' }), await startReceiver()];
  const workers = [0, 1].map(() =>
    createDeliveries({ ...app, now: () => new Date(), sender: createSender({ mayBePrivate: () => true }) }),
  );
  receiver.answer(async (response) => {
    await sleep(3);
    response.end('ok');
  });
  const endpoints = [];
  for (let i = 0; i < 3; i += 1) endpoints.push(await makeEndpoint(app, `${receiver.url}/${i}`));
  for (const worker of workers) worker.start();
  await Promise.all(Array.from({ length: 40 }, () => makeUser(app)));
  for (const { id } of endpoints) await untilDeliveries(app, id, 'delivered', 40);
  await Promise.all(workers.map((worker) => worker.stop(1000)));
  expect(receiver.webhooks).toHaveLength(120);
  const attempts = await Promise.all(endpoints.map(({ id }) => deliveriesTo(app, id)));
  expect(attempts.flat().filter(({ attempt }) => attempt !== 1)).toEqual([]);
});

test('where all that a process had taken has ended between two looks, the next look takes more', async () => {
  const [app, receiver] = [await openApp({ RUN_JOBS: 'false' }), await startReceiver()];
  const never = 600_000; // whoever waits for that fails
  const worker = createDeliveries(
    { ...app, now: () => new Date(), sender: createSender({ mayBePrivate: () => true }) },
    { pollMs: never, idleMs: never, pauseMs: 1000, leaseMs: 60_000 },
  );
  const endpoints = 16;
  for (let i = 0; i < endpoints; i += 1) await makeEndpoint(app, `${receiver.url}/${i}`);
  worker.start();
  const sendAbout = async (users: number) => {
    for (let i = 0; i < users; i += 1) await makeUser(app);
    await readEvents(app);
    worker.wake();
    const isOver = async () => (await app.db.reader.webhookDelivery.count({ where: { state: 'pending' } })) === 0;
    await waitFor('all to be delivered', isOver);
  };
  await sendAbout(1); // now each is known to be quick
  await sendAbout(9); // more than a process takes at a time
  expect(receiver.webhooks).toHaveLength(endpoints * 10);
  await worker.stop(1000);
});

test('a stop gives back what was not answered, as if it had not been sent', async () => {
  const [app, receiver] = [await openApp({ RUN_JOBS: 'false' }), await startReceiver()];
  const endpoint = await makeEndpoint(app, receiver.url);
  const worker = createDeliveries({
    ...app,
    now: () => new Date(),
    sender: createSender({ mayBePrivate: () => true }),
  });
  receiver.answer(() => {});
  worker.start();
  await makeUser(app);
  await waitFor('the attempt', () => receiver.webhooks.length === 1);
  await worker.stop(50);
  expect(await deliveriesTo(app, endpoint.id)).toMatchObject([
    { state: 'pending', attempt: 0, lease: null, leasedUntil: null, lastError: null },
  ]);
});

test('what a process has taken that is gone is sent by another when its lease is over', async () => {
  const [app, receiver, other] = [await openApp({ RUN_JOBS: 'false' }), await startReceiver(), await startReceiver()];
  const endpoint = await makeEndpoint(app, receiver.url, 'user.created');
  const { id: userId } = await makeUser(app);
  await readEvents(app);
  const leasedUntil = new Date(Date.now() + 60_000);
  await app.db.transaction(({ prisma }) =>
    prisma.webhookDelivery.updateMany({ data: { lease: 'another', leasedUntil, attempt: 1 } }),
  );
  await makeEndpoint(app, other.url, 'user.updated');
  await rename(app, userId, 'Name');
  await readEvents(app);
  app.deliveries.start();
  await waitFor('what nobody has taken', () => other.webhooks.length === 1);
  expect(receiver.webhooks).toHaveLength(0);
  setTime(app, new Date(Date.now() + 61_000));
  await untilDeliveries(app, endpoint.id, 'delivered');
  expect(await deliveriesTo(app, endpoint.id)).toMatchObject([{ attempt: 2 }]);
});

test('a delivery of an event that is no longer kept is cancelled', async () => {
  const [app, receiver] = [await openApp({ RUN_JOBS: 'false' }), await startReceiver()];
  const endpoint = await makeEndpoint(app, receiver.url);
  await makeUser(app);
  await readEvents(app);
  await app.db.transaction(({ prisma }) => prisma.event.deleteMany({}));
  app.deliveries.start();
  const [delivery] = await untilDeliveries(app, endpoint.id, 'cancelled');
  expect(delivery).toMatchObject({ lastError: 'The event is no longer kept.', dueAt: null });
  expect(receiver.webhooks).toHaveLength(0);
});

test('a secret that cannot be read is said, and nothing is sent without a signature', async () => {
  const [app, receiver] = [await openApp(), await startReceiver()];
  const endpoint = await makeEndpoint(app, receiver.url, 'user.created', { sealedSecret: 'x'.repeat(80) });
  await makeUser(app);
  const lastError = await waitFor('the failure', async () => (await deliveriesTo(app, endpoint.id))[0]?.lastError);
  expect(lastError).toContain('The secret cannot be read.');
  expect(receiver.connections()).toBe(0);
});

test('a process that stood still until its leases were over does not send again what it is sending', async () => {
  const { app, close } = await createTestApp({ WEBHOOK_ALLOW_PRIVATE: 'true', RUN_JOBS: 'false' });
  app.start();
  const [slow, other] = [await startReceiver(), await startReceiver()];
  const unanswered: (() => void)[] = [];
  slow.answer((response) => void unanswered.push(() => response.end('ok')));
  const endpoint = await makeEndpoint(app, slow.url, 'user.created');
  const beside = await makeEndpoint(app, other.url, 'user.updated');
  const { id } = await makeUser(app);
  await readEvents(app);
  let stoodMs = 0;
  const sender = createSender({ mayBePrivate: () => true });
  const timing = { pollMs: 20, idleMs: 20, pauseMs: 1, leaseMs: 60_000 };
  const worker = createDeliveries({ ...app, sender, now: () => new Date(Date.now() + stoodMs) }, timing);
  onTestFinished(async () => {
    await worker.stop(1000);
    await close();
  });
  worker.start();
  await waitFor('it to be under way', () => unanswered.length === 1);
  stoodMs = 2 * timing.leaseMs;
  await rename(app, id, 'Ada');
  await readEvents(app);
  await untilDeliveries(app, beside.id, 'delivered'); // so it has looked
  for (const end of unanswered) end();
  expect(await untilDeliveries(app, endpoint.id, 'delivered')).toMatchObject([{ attempt: 1 }]);
  expect(slow.webhooks).toHaveLength(1);
});
