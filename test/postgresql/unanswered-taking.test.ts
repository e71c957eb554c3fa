import { expect, onTestFinished, test } from 'vitest';
import { createDeliveries } from '../../src/webhooks/deliveries.ts';
import { createSender } from '../../src/webhooks/sender.ts';
import { createTestApp } from '../support/app.ts';
import { readEvents } from '../support/events.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { startReceiver } from '../support/receiver.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { makeUser } from '../support/users.ts';
import { deliveriesTo, makeEndpoint, untilDeliveries } from '../support/webhooks.ts';

/** Whoever waits for a lease to end fails. */
const timing = { pollMs: 20, idleMs: 20, pauseMs: 1, leaseMs: 600_000 };

test('deliveries that are taken by a COMMIT without an answer are sent at once, and not when their leases end', async () => {
  const database = await createTestDatabase();
  onTestFinished(database.remove);
  const url = new URL(database.url);
  const proxy = await startFaultyProxy(Number(url.port));
  url.port = String(proxy.port);
  const { app, close } = await createTestApp({
    DATABASE_URL: url.href,
    WEBHOOK_ALLOW_PRIVATE: 'true',
    RUN_JOBS: 'false',
  });
  app.start();
  const receiver = await startReceiver();
  const endpoint = await makeEndpoint(app, receiver.url, 'user.created');
  await makeUser(app);
  await readEvents(app);
  const sender = createSender({ mayBePrivate: () => true });
  const worker = createDeliveries({ ...app, sender, now: () => new Date() }, timing);
  onTestFinished(async () => {
    await worker.stop(1000);
    await close();
    await proxy.close();
  });

  const broken = proxy.broken;
  proxy.cutAt('COMMIT', 'before it answers');
  worker.start();
  await untilDeliveries(app, endpoint.id, 'delivered');
  expect(proxy.broken).toBe(broken + 1);
  expect(receiver.webhooks).toHaveLength(1);
  expect(await deliveriesTo(app, endpoint.id)).toMatchObject([{ attempt: 1 }]);
});
