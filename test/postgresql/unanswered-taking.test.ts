import { expect, onTestFinished, test } from 'vitest';
import { storeJob } from '../../src/jobs/enqueue.ts';
import { createJobs } from '../../src/jobs/jobs.ts';
import type { JobKinds } from '../../src/jobs/types.ts';
import { createMailer } from '../../src/mail/mailer.ts';
import { createMailSending } from '../../src/mail/sending.ts';
import { readTemplates } from '../../src/mail/template-folder.ts';
import { createDeliveries } from '../../src/webhooks/deliveries.ts';
import { createSender } from '../../src/webhooks/sender.ts';
import { createTestApp } from '../support/app.ts';
import { readEvents } from '../support/events.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { mailRow, mailSettings, queueMail, signInCode } from '../support/mails.ts';
import { startReceiver } from '../support/receiver.ts';
import { startSmtp } from '../support/smtp.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { makeUser } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';
import { deliveriesTo, makeEndpoint, untilDeliveries } from '../support/webhooks.ts';

/** Whoever waits for a lease to end fails. */
const timing = { pollMs: 20, idleMs: 20, pauseMs: 1, leaseMs: 600_000 };

/** The service, on a connection to its database that can be cut. */
async function openBehindProxy(settings: Record<string, string>) {
  const database = await createTestDatabase();
  onTestFinished(database.remove);
  const url = new URL(database.url);
  const proxy = await startFaultyProxy(Number(url.port));
  url.port = String(proxy.port);
  const t = await createTestApp({ DATABASE_URL: url.href, RUN_JOBS: 'false', ...settings });
  t.app.start();
  async function close() {
    await t.close();
    await proxy.close();
  }
  return { ...t, proxy, close, directUrl: database.url };
}

test('deliveries that are taken by a COMMIT without an answer are sent at once, and not when their leases end', async () => {
  const { app, proxy, close } = await openBehindProxy({ WEBHOOK_ALLOW_PRIVATE: 'true' });
  const receiver = await startReceiver();
  const endpoint = await makeEndpoint(app, receiver.url, 'user.created');
  await makeUser(app);
  await readEvents(app);
  const sender = createSender({ mayBePrivate: () => true });
  const worker = createDeliveries({ ...app, sender, now: () => new Date() }, timing);
  onTestFinished(async () => {
    await worker.stop(1000);
    await close();
  });

  const broken = proxy.broken;
  proxy.cutAt('COMMIT', 'before it answers');
  worker.start();
  await untilDeliveries(app, endpoint.id, 'delivered');
  expect(proxy.broken).toBe(broken + 1);
  expect(receiver.webhooks).toHaveLength(1);
  expect(await deliveriesTo(app, endpoint.id)).toMatchObject([{ attempt: 1 }]);
});

test('so is mail, as if it had not been taken', async () => {
  const smtp = await startSmtp();
  const t = await openBehindProxy(mailSettings(smtp));
  const ids = [await queueMail(t, signInCode()), await queueMail(t, signInCode())];
  const [mailer, templates] = [createMailer(t.app.config), readTemplates(undefined)];
  const worker = createMailSending({ ...t.app, now: () => new Date(), mailer, templates }, [20], timing);
  onTestFinished(async () => {
    await worker.stop(1000);
    mailer.close();
    await t.close();
  });

  const broken = t.proxy.broken;
  t.proxy.cutAt('COMMIT', 'before it answers');
  worker.start();
  for (const id of ids) await waitFor('it to be sent', async () => (await mailRow(t, id)).state === 'sent');
  expect(t.proxy.broken).toBe(broken + 1);
  expect(smtp.mails).toHaveLength(2);
  for (const id of ids) expect(await mailRow(t, id)).toMatchObject({ attempts: 1, unanswered: 0 });
});

test('so are jobs, as if they had not been taken', async () => {
  const t = await openBehindProxy({});
  const direct = await createTestApp({ DATABASE_URL: t.directUrl, RUN_JOBS: 'false' });
  const attempts: number[] = [];
  const kinds: JobKinds = { once: { handle: async (_payload, { attempt }) => void attempts.push(attempt) } };
  const worker = createJobs({ ...t.app, now: () => new Date(), kinds }, timing);
  onTestFinished(async () => {
    await worker.stop(1000);
    await direct.close();
    await t.close();
  });
  worker.start();
  await worker.runDue(); // it has prepared itself

  const broken = t.proxy.broken;
  t.proxy.cutAt('COMMIT', 'before it answers');
  await direct.app.db.transaction((tx) => storeJob(tx, { kind: 'once', payload: {} }, new Date()));
  await waitFor('the job', () => attempts.length > 0);
  expect(t.proxy.broken).toBe(broken + 1);
  expect(attempts).toEqual([1]);
  await waitFor('its end', async () => (await direct.app.db.reader.job.count({ where: { kind: 'once' } })) === 0);
});
