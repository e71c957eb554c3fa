import { describe, expect, onTestFinished, test } from 'vitest';
import type { WebhookEndpoint } from '../../src/db/database.ts';
import { deleteUser } from '../../src/users/delete.ts';
import { updateWebhookEndpoint } from '../../src/webhooks/endpoints.ts';
import { createTestApp } from '../support/app.ts';
import { readEvents } from '../support/events.ts';
import { startReceiver } from '../support/receiver.ts';
import { makeUser } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';
import { deliveriesTo, makeEndpoint, untilDeliveries } from '../support/webhooks.ts';

const hour = 3_600_000;

/** A service that sends webhooks, and else does only what it is told to, and a receiver whose answers have this status. */
async function open(status: number, settings: Record<string, string> = {}) {
  const t = await createTestApp({ WEBHOOK_ALLOW_PRIVATE: 'true', MAIL: 'log', RUN_JOBS: 'false', ...settings });
  onTestFinished(t.close);
  t.app.start();
  t.app.deliveries.start();
  const receiver = await startReceiver();
  receiver.answer((response) => response.writeHead(status).end('answer of the receiver'));
  return { t, receiver };
}

const failing = { failingSince: new Date(Date.now() - 5 * 24 * hour), failures: 3 };

describe.each<[string, number, Partial<WebhookEndpoint>]>([
  ['gone', 410, {}],
  ['failing', 500, failing],
])('an endpoint that is disabled because it is %s', (reason, status, health) => {
  test('says so itself, since when, and the log does', async () => {
    const { t, receiver } = await open(status);
    const { id } = await makeEndpoint(t.app, receiver.url, 'user.created', health);
    await makeUser(t.app);
    const endpoint = await waitFor('the end', async () => {
      const found = await t.app.db.reader.webhookEndpoint.findFirst();
      return found?.status === 'disabled' && found;
    });
    expect(endpoint).toMatchObject({ disabledReason: reason, disabledAt: endpoint.updatedAt });
    expect(Date.now() - Number(endpoint.disabledAt)).toBeLessThan(60_000);
    expect(t.logged()).toContain(`"endpointId":"${id}","reason":"${reason}"`);
    expect(await t.app.db.reader.mailMessage.count()).toBe(0);
    const enabled = await updateWebhookEndpoint(t.app, 'roster', id, { status: 'enabled' });
    expect(enabled).toMatchObject({ disabledReason: null, disabledAt: null, failingSince: null });
  });

  test('is told to the operator by mail, once, without its secret and what may be a credential', async () => {
    const settings = { MAIL_OPERATOR: 'operator@example.org', MAIL_NOTICES: 'false', MAIL_LOCALE: 'de' };
    const { t, receiver } = await open(status, settings);
    const endpoint = await makeEndpoint(t.app, `${receiver.url}?token=hidden-token`, 'user.created', health);
    for (let i = 0; i < 3; i += 1) await makeUser(t.app);
    const mail = await waitFor('the mail', () => t.app.db.reader.mailMessage.findFirst());
    expect(mail).toMatchObject({ template: 'endpoint-disabled', address: 'operator@example.org', userId: null });
    const parameters = t.app.secrets.openSecret('mail parameters', mail.id, mail.sealedParameters ?? '').toString();
    expect(JSON.parse(parameters)).toEqual({ endpointId: endpoint.id, url: receiver.url, reason });
    await waitFor('all answers', async () =>
      (await deliveriesTo(t.app, endpoint.id)).every(({ lease }) => lease === null),
    );
    expect(await t.app.db.reader.mailMessage.count()).toBe(1);
  });
});

test('an endpoint that somebody disables says since when, and not why', async () => {
  const { t } = await open(200, { MAIL_OPERATOR: 'operator@example.org' });
  const { id } = await makeEndpoint(t.app, 'https://receiver.example/1');
  const disabled = await updateWebhookEndpoint(t.app, 'roster', id, { status: 'disabled' });
  expect(disabled).toMatchObject({ disabledReason: null, disabledAt: disabled.updatedAt });
  expect(await t.app.db.reader.mailMessage.count()).toBe(0);
});

test('the service is ready though every endpoint is slow, away or disabled', async () => {
  const { t, receiver } = await open(410);
  receiver.answer(() => {});
  await makeEndpoint(t.app, receiver.url, 'user.created', { sealedSecret: 'x'.repeat(80) });
  await makeEndpoint(t.app, `${receiver.url}/silent`, 'user.created');
  await makeEndpoint(t.app, 'https://receiver.invalid/1', 'user.created', { status: 'disabled' });
  await makeUser(t.app);
  await waitFor('an attempt', () => receiver.webhooks.length > 0);
  expect((await t.fetch('/ready')).status).toBe(200);
  await t.app.deliveries.stop(0);
  expect((await t.fetch('/ready')).status).toBe(200);
});

describe('a user who is erased', () => {
  test('is told of whole before, and then goes from events and answers', async () => {
    const { t, receiver } = await open(200);
    const endpoint = await makeEndpoint(t.app, receiver.url, 'user.created user.deleted');
    const { id, email } = await makeUser(t.app);
    const { id: other } = await makeUser(t.app);
    await untilDeliveries(t.app, endpoint.id, 'delivered', 2);
    receiver.answer((response) => response.writeHead(503).end('not now'));
    await deleteUser(t.app, 'roster', id, {}, { erase: true });
    await waitFor('the failure', async () =>
      (await deliveriesTo(t.app, endpoint.id)).some(({ lastStatus, lease }) => lastStatus === 503 && !lease),
    );
    await t.app.jobs.runDue();
    const own = async () => (await readEvents(t.app)).filter(({ userId }) => userId === id);
    expect((await own()).map(({ body }) => body.data.email)).toEqual([email, email]);
    const job = await t.app.db.reader.job.findFirstOrThrow({ where: { kind: 'events.erase' } });
    expect(Number(job.runAt) - Date.now()).toBeGreaterThan(5000);
    receiver.answer((response) => response.end('taken'));
    Object.assign(t.app, { now: () => new Date(Date.now() + 60_000) });
    await untilDeliveries(t.app, endpoint.id, 'delivered', 3);
    expect(receiver.webhooks.at(-1)?.body).toContain(email);
    await t.app.jobs.runDue();
    expect((await own()).map(({ body }) => body.data.email)).toEqual(['', '']);
    const answers = (await deliveriesTo(t.app, endpoint.id)).map(({ userId, answer }) => [userId, answer]);
    expect(answers).toEqual([
      [id, ''],
      [other, 'answer of the receiver'],
      [id, ''],
    ]);
  });

  test('is not waited for longer than three days', async () => {
    const { t, receiver } = await open(503);
    await makeEndpoint(t.app, receiver.url, 'user.deleted');
    const { id } = await makeUser(t.app);
    await deleteUser(t.app, 'roster', id, {}, { erase: true });
    const events = async () => (await readEvents(t.app)).map(({ body }) => body.data.email);
    const start = Date.now();
    for (let hours = 0; hours < 72; hours += 8) {
      Object.assign(t.app, { now: () => new Date(start + hours * hour) });
      await t.app.jobs.runDue();
      expect(await events()).not.toContain('');
    }
    Object.assign(t.app, { now: () => new Date(start + 74 * hour) });
    await t.app.jobs.runDue();
    expect(await events()).toEqual(['', '']);
  });
});
