import { expect, onTestFinished, test, vi } from 'vitest';
import { startServer } from '../../src/create-app.ts';
import { createTestApp } from '../support/app.ts';
import { readEvents } from '../support/events.ts';
import { startReceiver } from '../support/receiver.ts';
import { makeUser } from '../support/users.ts';
import { freePort, waitFor } from '../support/wait.ts';
import { deliveriesTo, makeEndpoint, untilDeliveries } from '../support/webhooks.ts';

test('the metrics tell of deliveries by outcome, of what waits and since when, and of disabled endpoints, and no URL', async () => {
  const port = await freePort();
  const t = await createTestApp({ METRICS_PORT: String(port), PORT: '0', WEBHOOK_ALLOW_PRIVATE: 'true' });
  onTestFinished(t.close);
  const receiver = await startReceiver();
  const server = await startServer(t.app);
  onTestFinished(() => server.stop());
  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

  expect(await read()).toContain('roster_webhooks_endpoints_disabled 0\n');
  const endpoint = await makeEndpoint(t.app, receiver.url, 'user.created');
  await makeEndpoint(t.app, `${receiver.url}/disabled`, 'user.created', { status: 'disabled' });
  await makeUser(t.app);
  await untilDeliveries(t.app, endpoint.id, 'delivered');
  expect(await read()).toContain(`roster_webhooks_lag_seconds{endpoint="${endpoint.id}"} 0\n`);
  receiver.answer((response) => response.writeHead(500).end());
  await makeUser(t.app);
  await makeUser(t.app);
  await waitFor(
    'two failures',
    async () =>
      (await deliveriesTo(t.app, endpoint.id)).filter(({ lastStatus, lease }) => lastStatus === 500 && !lease)
        .length === 2,
  );
  await readEvents(t.app);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 }); // ids may be of a clock that was up to a minute ahead
  onTestFinished(() => void vi.useRealTimers());
  const numberOf = (name: RegExp, text: string) => Number(new RegExp(`${name.source} ([\\d.e-]+)`).exec(text)?.[1]);
  const metrics = await waitFor('the count', async () => {
    const text = await read();
    const delayed = numberOf(/\{outcome="delayed"\}/, text); // more, where they have been tried again
    return delayed >= 2 && numberOf(/roster_webhooks_lag_seconds\{.*\}/, text) > 60 && text;
  });
  expect(metrics).toContain('roster_webhooks_deliveries_total{outcome="delivered"} 1\n');
  expect(metrics).toContain(`roster_webhooks_waiting{endpoint="${endpoint.id}"} 2\n`);
  expect(metrics).toContain('roster_webhooks_endpoints_disabled 1\n');
  expect(metrics).not.toContain('hooks/');
  expect(metrics).not.toContain(`127.0.0.1:${receiver.port}`);
});
