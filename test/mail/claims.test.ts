import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../src/create-app.ts';
import { databaseOptions } from '../../src/db/database-options.ts';
import { defaultTiming } from '../../src/jobs/runner.ts';
import { renewLeases, storeSettled, takeMails } from '../../src/mail/mail-rows.ts';
import { createMailer, mailTimeouts } from '../../src/mail/mailer.ts';
import { settle } from '../../src/mail/outcome.ts';
import { createMailSending } from '../../src/mail/sending.ts';
import { readTemplates } from '../../src/mail/template-folder.ts';
import type { TestApp } from '../support/app.ts';
import { createMailApp, mailRow, queueMail, signInCode, startMailWorker } from '../support/mails.ts';
import { openRecorded } from '../support/recording.ts';
import { startSilentSmtp, startSmtp } from '../support/smtp.ts';
import { waitFor } from '../support/wait.ts';

const code = signInCode();
const later = (ms: number) => new Date(Date.now() + ms);
const given = { now: new Date(), scheduleMs: [5000], hashOf: () => 'hash' };

const take = ({ app }: TestApp, limit = 10, leasedUntil = later(30_000), now = new Date()) =>
  takeMails(app.db, { now, leasedUntil, limit });

describe('a mail that a process has taken', () => {
  test('is no other one’s until the lease ends, and is then', async () => {
    const t = await createMailApp(await startSmtp());
    const id = await queueMail(t, code);
    expect(await take(t)).toMatchObject([{ id, attempts: 0, unanswered: 0, state: 'queued' }]);
    expect(await mailRow(t, id)).toMatchObject({ attempts: 1, unanswered: 1, state: 'sending' });
    expect(await take(t)).toEqual([]);
    expect(await take(t, 10, later(60_000), later(31_000))).toMatchObject([{ id, attempts: 1, unanswered: 1 }]);
  });

  test('is taken by one of many that look at once, the ones that have waited longest first', async () => {
    const t = await createMailApp(await startSmtp());
    const ids: string[] = [];
    for (let n = 0; n < 30; n += 1) ids.push(await queueMail(t, code));
    expect((await take(t, 3)).map(({ id }) => id)).toEqual(ids.slice(0, 3));
    const taken = (await Promise.all(Array.from({ length: 10 }, () => take(t, 5)))).flat();
    for (let more = await take(t, 5); more.length > 0; more = await take(t, 5)) taken.push(...more);
    expect(taken.map(({ id }) => id).sort()).toEqual(ids.slice(3));
  });

  test('is not stored as somebody else’s by whoever was too late, who hears that it is lost', async () => {
    const t = await createMailApp(await startSmtp());
    const id = await queueMail(t, code);
    const first = await take(t, 1, later(1000));
    expect(await renewLeases(t.app.db, first, later(2000))).toEqual(new Set([id]));
    await take(t, 1, later(60_000), later(3000));
    expect(await renewLeases(t.app.db, first, later(9000))).toEqual(new Set());
    const late = first.map((mail) =>
      settle(mail, { kind: 'again', smtpReplyCode: 451, lastError: 'late', isUnknown: false }, given),
    );
    await storeSettled(t.app.db, late);
    expect(await mailRow(t, id)).toMatchObject({ state: 'sending', attempts: 2, lastError: null });
  });

  test('and that was not tried is as it was before, and due at once', async () => {
    const t = await createMailApp(await startSmtp());
    const id = await queueMail(t, code);
    const before = await mailRow(t, id);
    const rows = (await take(t)).map((mail) => settle(mail, { kind: 'released' }, given));
    await storeSettled(t.app.db, rows);
    expect(await mailRow(t, id)).toEqual({ ...before, dueAt: given.now });
  });

  test('goes with its user, and what came of it is stored nowhere', async () => {
    const t = await createMailApp(await startSmtp());
    const id = await queueMail(t, code);
    const taken = await take(t);
    await t.app.db.transaction((tx) => tx.prisma.mailMessage.delete({ where: { id } }));
    const ending = { state: 'sent', smtpReplyCode: 250 } as const;
    await storeSettled(t.app.db, [settle(taken[0] as never, { kind: 'ended', ending, wasTried: true }, given)]);
    expect(await t.app.db.reader.mailMessage.findMany()).toEqual([]);
  });
});

test('a process that stood still until its leases were over renews them before it takes anything, and sends nothing of its own again', async () => {
  const { smtp, answer, received } = await startSilentSmtp();
  const t = await createMailApp(smtp, { RUN_JOBS: 'false' });
  let stoodMs = 0;
  startMailWorker(t, [20], mailTimeouts, { leaseMs: 60_000, now: () => later(stoodMs) });
  const id = await queueMail(t, code);
  await waitFor('the mail server to have it', () => received() === 1);
  stoodMs = 120_000;
  await waitFor('it to be renewed', async () => Number((await mailRow(t, id)).dueAt) > Number(later(stoodMs)));
  answer();
  await waitFor('it to be stored', async () => (await mailRow(t, id)).state === 'sent');
  expect(received()).toBe(1);
  expect(await mailRow(t, id)).toMatchObject({ attempts: 1 });
});

test('a server that stops sends what it has begun, and leaves the rest as it was', async () => {
  const smtp = await startSmtp();
  const t = await createMailApp(smtp);
  const ids: string[] = [];
  for (let n = 0; n < 12; n += 1) ids.push(await queueMail(t, code));
  t.app.jobs.start();
  await waitFor('mail to be under way', () => smtp.reached.from > 0);
  await t.app.jobs.stop(10_000);
  const rows = await Promise.all(ids.map((id) => mailRow(t, id)));
  expect(rows.filter(({ state }) => state === 'sent')).toHaveLength(smtp.mails.length);
  const others = rows.filter(({ state }) => state !== 'sent');
  expect(others.map(({ state, unanswered, attempts }) => ({ state, unanswered, attempts }))).toEqual(
    others.map(() => ({ state: 'queued', unanswered: 0, attempts: 0 })),
  );
});

/** A process that sends mail, and the statements that it sends from its first look on. */
async function startRecorded(smtpUrl: string, pollMs: number) {
  const t = await createMailApp({ url: smtpUrl } as never);
  const statements: string[] = [];
  const { config, log, metrics, secrets } = t.app;
  const db = await openRecorded(databaseOptions(config), ({ sql }) => void statements.push(sql));
  const [mailer, templates] = [createMailer(config), readTemplates(config.MAIL_TEMPLATES)];
  const app = { config, db, log, metrics, secrets, now: () => new Date(), mailer, templates };
  const sending = createMailSending(app, [3_600_000], { ...defaultTiming, pollMs });
  onTestFinished(async () => {
    await sending.stop(2000);
    mailer.close();
    await db.close();
  });
  sending.start();
  await waitFor('its first look', () => statements.some((sql) => sql.includes('due_at')));
  return { t, sending, statements };
}

test('an idle server asks for mail with one statement at a time, and writes nothing', async () => {
  const { statements } = await startRecorded('smtp://127.0.0.1:9', 40);
  statements.length = 0;
  await waitFor('ten more', () => statements.length >= 10);
  expect(statements.filter((sql) => !/^SELECT .*due_at/s.test(sql))).toEqual([]);
});

test('while the mail server is away, new mail asks the database for nothing', async () => {
  const { t, sending, statements } = await startRecorded('smtp://127.0.0.1:9', 40);
  const first = await queueMail(t, code);
  sending.wake();
  await waitFor('it to be found away', async () => (await mailRow(t, first)).lastError !== null);
  statements.length = 0;
  for (let n = 0; n < 10; n += 1) {
    await queueMail(t, code);
    sending.wake();
    await sleep(30);
  }
  expect(statements).toEqual([]);
  expect(await t.app.db.reader.mailMessage.count({ where: { attempts: 0 } })).toBe(10);
});

test('when the clock is set back while the mail server is away, mail does not wait for the time that was to come', async () => {
  const smtp = await startSmtp();
  const t = await createMailApp(smtp, { RUN_JOBS: 'false' });
  let aheadMs = 3_600_000;
  await smtp.stop();
  startMailWorker(t, [1000], mailTimeouts, { now: () => later(aheadMs) });
  await queueMail(t, { template: 'password-changed' });
  await waitFor('it to be away', () => t.logged().includes('the mail server is away'));
  aheadMs = 0;
  await smtp.start();
  const id = await queueMail(t, code);
  await waitFor('it to be sent', async () => (await mailRow(t, id)).state === 'sent');
});

test('while MAIL is off, mail of before waits, and is sent when it is on again', async () => {
  const smtp = await startSmtp();
  const t = await createMailApp(smtp, { RUN_JOBS: 'false' });
  const ids = [await queueMail(t, code), await queueMail(t, { template: 'password-changed' })];
  const mailer = createMailer({ ...t.app.config, MAIL: 'off' });
  const templates = readTemplates(undefined);
  const worker = createMailSending({ ...t.app, now: () => new Date(), mailer, templates }, [20], defaultTiming);
  worker.start();
  for (const id of ids) await waitFor('it to be looked at', async () => (await mailRow(t, id)).lastError !== null);
  await worker.stop(1000);
  for (const id of ids) expect(await mailRow(t, id)).toMatchObject({ state: 'queued', lastError: 'MAIL is off.' });
  startMailWorker(t, [20]);
  for (const id of ids) await waitFor('it to be sent', async () => (await mailRow(t, id)).state === 'sent');
  expect(smtp.mails).toHaveLength(2);
});

test('without a server that runs jobs, mail waits', async () => {
  const smtp = await startSmtp();
  const t = await createMailApp(smtp);
  const id = await queueMail(t, code);
  const other = await createApp({ ...t.app.config, RUN_JOBS: false }, pino({ level: 'silent' }));
  onTestFinished(() => other.stop());
  other.start();
  other.jobs.wake();
  await sleep(300);
  expect(await mailRow(t, id)).toMatchObject({ state: 'queued', attempts: 0 });
});
