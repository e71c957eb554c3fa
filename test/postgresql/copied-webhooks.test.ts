import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { copyStore } from '../../src/db/copy.ts';
import { createWebhookEndpoint } from '../../src/webhooks/endpoints.ts';
import { replayWebhookEvents } from '../../src/webhooks/replay.ts';
import { sendTestEvent } from '../../src/webhooks/test-event.ts';
import { createTestApp } from '../support/app.ts';
import { copyOptions, emptyTarget, silent } from '../support/copies.ts';
import { readEvents } from '../support/events.ts';
import { newTestDatabase } from '../support/processes.ts';
import { startReceiver } from '../support/receiver.ts';
import { makeUser } from '../support/users.ts';
import { deliveriesTo, untilDeliveries } from '../support/webhooks.ts';

test('what was still to be delivered is delivered from the copy, and what happened before is replayed there', async () => {
  const settings = { WEBHOOK_ALLOW_PRIVATE: 'true', SIGNING_KEY_SECRET: 'the secret of both, 32 characters' };
  const [{ url: from }, to, receiver] = [
    newTestDatabase({ isMigrated: true }),
    await emptyTarget(),
    await startReceiver(),
  ];
  const old = await createTestApp({ ...settings, DATABASE_URL: from });
  onTestFinished(old.close);
  const input = { url: receiver.url, eventTypes: ['user.created'] };
  const { endpoint, secret } = await createWebhookEndpoint(old.app, 'roster', input);
  for (let i = 0; i < 3; i += 1) await makeUser(old.app);
  await sendTestEvent(old.app, 'roster', endpoint.id, 'user.updated');
  const events = await readEvents(old.app);
  const delivered = { state: 'delivered', dueAt: null, finishedAt: new Date() };
  await old.app.db.transaction(({ prisma }) =>
    prisma.webhookDelivery.updateMany({ where: { eventId: events[0]?.id as string }, data: delivered }),
  );
  const before = await deliveriesTo(old.app, endpoint.id);
  await old.app.stop();
  await copyStore({ ...copyOptions, url: from }, { ...copyOptions, url: to }, silent);

  const copy = await createTestApp({ ...settings, DATABASE_URL: to });
  onTestFinished(copy.close);
  const pending = before.filter(({ state }) => state === 'pending');
  expect(await deliveriesTo(copy.app, endpoint.id)).toEqual(pending);
  copy.app.start();
  await untilDeliveries(copy.app, endpoint.id, 'delivered', 3);
  const sent = () => receiver.webhooks.map(({ headers }) => headers['webhook-id']).sort();
  expect(sent()).toEqual(pending.map(({ eventId }) => eventId).sort());
  for (const { body, headers } of receiver.webhooks)
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toBeTruthy();
  await makeUser(copy.app);
  await untilDeliveries(copy.app, endpoint.id, 'delivered', 4);
  const replay = await replayWebhookEvents(copy.app, 'roster', endpoint.id, events[0]?.id as string);
  expect(replay).toMatchObject({ deliveries: 3, isComplete: true });
  await untilDeliveries(copy.app, endpoint.id, 'delivered', 7);
});
