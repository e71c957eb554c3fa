import { WorkOS } from '@workos-inc/node';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WorkOS as WorkOS11 } from 'workos-11';
import { type NewEvent, workosEventTypes } from '../../src/events/event-types.ts';
import { rotateWebhookSecret } from '../../src/webhooks/endpoints.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { readEvents, workosExamples } from '../support/events.ts';
import { type ReceivedWebhook, type Receiver, startReceiver } from '../support/receiver.ts';
import { makeUser } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';
import { makeEndpoint } from '../support/webhooks.ts';
import { findEventProblem, workosJudges } from '../support/workos-openapi.ts';

const sdks = [
  ['8', WorkOS],
  ['11', WorkOS11 as unknown as typeof WorkOS],
] as const;

let t: TestApp;
beforeAll(async () => {
  t = await createTestApp({ WEBHOOK_ALLOW_PRIVATE: 'true' });
  t.app.start();
});
afterAll(() => t.close());

const byWorkOS = (Client: typeof WorkOS, { headers, body }: ReceivedWebhook, secret: string) =>
  new Client('sk').webhooks.constructEvent({
    payload: JSON.parse(body),
    sigHeader: headers['workos-signature'] as string,
    secret,
  });
const byStandard = ({ headers, body }: ReceivedWebhook, secret: string) =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

const arrived = (receiver: Receiver, count: number) =>
  waitFor(`${count} webhooks`, () => receiver.webhooks.length >= count && receiver.webhooks);

/** One event of each type that WorkOS has, of somebody whose names are hard to sign. */
async function examples(): Promise<NewEvent[]> {
  const { id } = await makeUser(t.app, { firstName: 'É "𝒜" \\', metadata: { 10: 'a', 2: 'b' } });
  const user = await t.app.db.reader.user.findUniqueOrThrow({ where: { id } });
  const now = new Date();
  const client = { ipAddress: '192.0.2.1', userAgent: 'test', authMethod: 'password' };
  const times = { createdAt: now, updatedAt: now, endedAt: now, expiresAt: now };
  return workosExamples(user, { id: 'session_01E4ZCR3C56J083X43JQXF3JK5', userId: id, ...client, ...times });
}

describe('every type of event, as it was delivered,', () => {
  const types: readonly string[] = workosEventTypes;

  async function deliverAll() {
    const events = await examples();
    await readEvents(t.app); // so that the endpoint, which comes after it, is not sent that somebody was made
    const receiver = await startReceiver();
    const { secret } = await makeEndpoint(t.app, receiver.url, types.join(' '));
    await t.app.db.transaction((tx) => t.app.events.record(tx, 'roster', events));
    const webhooks = [...(await arrived(receiver, types.length))];
    return { secret, all: webhooks.map((webhook) => ({ webhook, event: JSON.parse(webhook.body) })) };
  }
  let delivering: ReturnType<typeof deliverAll> | undefined;
  const delivered = () => (delivering ??= deliverAll());

  test('is there', async () => {
    const { all } = await delivered();
    expect(all.map(({ event }) => event.event).sort()).toEqual([...types].sort());
  });

  test("is as the schema of its type in WorkOS's document says", async () => {
    const { all } = await delivered();
    const newest = workosJudges.at(-1);
    if (!newest) throw new Error('There is no document of WorkOS.');
    expect(all.flatMap(({ event }) => findEventProblem(newest, event) ?? [])).toEqual([]);
  });

  test.each(sdks)("is taken by WorkOS's SDK %s", async (version, Client) => {
    const { all, secret } = await delivered();
    for (const { webhook, event } of all) {
      const constructed = await byWorkOS(Client, webhook, secret);
      // Version 8 does not know this one, and makes nothing of it.
      if (version === '8' && event.event === 'authentication.email_verification_failed') continue;
      expect(constructed).toMatchObject({ id: event.id, event: event.event });
      await expect(byWorkOS(Client, webhook, `${secret}x`)).rejects.toThrow();
    }
  });

  test('is taken by the library of Standard Webhooks', async () => {
    const { all, secret } = await delivered();
    for (const { webhook, event } of all) {
      expect(byStandard(webhook, secret)).toEqual(event);
      expect(() => byStandard({ ...webhook, body: webhook.body.replace('event', 'Event') }, secret)).toThrow();
    }
  });
});

describe('while a secret is exchanged', () => {
  test('Standard Webhooks takes both, WorkOS the earlier one; with no overlap all take the new one alone', async () => {
    const receiver = await startReceiver();
    const { id, secret: first } = await makeEndpoint(t.app, receiver.url, 'user.created');
    const { secret: second } = await rotateWebhookSecret(t.app, 'roster', id, 24);
    await makeUser(t.app);
    const [exchanged] = await arrived(receiver, 1);
    const { secret: third } = await rotateWebhookSecret(t.app, 'roster', id, 0);
    await makeUser(t.app);
    const [, last] = await arrived(receiver, 2);
    for (const secret of [first, second]) byStandard(exchanged as ReceivedWebhook, secret);
    byStandard(last as ReceivedWebhook, third);
    for (const secret of [first, second]) expect(() => byStandard(last as ReceivedWebhook, secret)).toThrow();
    for (const [, Client] of sdks) {
      await byWorkOS(Client, exchanged as ReceivedWebhook, first);
      await byWorkOS(Client, last as ReceivedWebhook, third);
      for (const [webhook, secret] of [
        [exchanged, second],
        [last, first],
      ] as const) {
        await expect(byWorkOS(Client, webhook as ReceivedWebhook, secret)).rejects.toThrow();
      }
    }
  });
});
