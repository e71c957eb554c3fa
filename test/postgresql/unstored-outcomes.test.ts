import { expect, onTestFinished, test } from 'vitest';
import { databaseUrl, execute } from '../../scripts/postgresql-databases.ts';
import { mailTimeouts } from '../../src/mail/mailer.ts';
import { gate, jobsDatabase, openJobs } from '../support/job-runs.ts';
import { createMailApp, mailRow, queueMail, signInCode, startMailWorker } from '../support/mails.ts';
import { startSilentSmtp } from '../support/smtp.ts';
import { waitFor } from '../support/wait.ts';

/** Whoever waits for a lease to end fails. */
const leaseMs = 600_000;

/** Takes a database away from all who use it; answers what brings it back. */
async function takeAway(url: string): Promise<() => Promise<void>> {
  const name = new URL(url).pathname.slice(1);
  const elsewhere = (sql: string) => execute(databaseUrl(url, 'postgres'), sql);
  const allow = (isAllowed: boolean) => elsewhere(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS ${isAllowed}`);
  onTestFinished(() => allow(true));
  await allow(false);
  await elsewhere(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
  return () => allow(true);
}

/** While the database is away, whoever has room looks this often, and whoever has not stored something tries more than five times. */
const looks = 100;
const looksIn = (logged: string) => logged.split('the database did not answer').length - 1;

test('a mail that was taken while the database went away is stored as sent when it is back, and not sent again', async () => {
  const { smtp, answer, received } = await startSilentSmtp();
  const t = await createMailApp(smtp, { RUN_JOBS: 'false' });
  startMailWorker(t, [20], mailTimeouts, { leaseMs });
  const id = await queueMail(t, signInCode());
  await waitFor('the mail server to have it', () => received() === 1);
  const bringBack = await takeAway(t.app.config.DATABASE_URL);
  answer();
  await waitFor('it to be away for long', () => looksIn(t.logged()) > looks, 30_000);
  await bringBack();
  await waitFor('it to be stored', async () => (await mailRow(t, id)).state === 'sent');
  expect(received()).toBe(1);
});

test('a job that was done while the database went away is not done again when it is back', async () => {
  const done = gate();
  let begun = 0;
  const handle = async () => {
    begun += 1;
    await done.opened;
  };
  const url = await jobsDatabase();
  const t = await openJobs(url, { note: { handle, concurrency: 2 } }, { timing: { leaseMs, pollMs: 50 } });
  t.jobs.start();
  await t.enqueue({ kind: 'note' });
  await waitFor('it to be begun', () => begun === 1);
  const bringBack = await takeAway(url);
  done.open();
  await waitFor('it to be away for long', () => looksIn(t.logged()) > looks, 30_000);
  await bringBack();
  await waitFor('its row to go', async () => (await t.rows().catch(() => [null])).length === 0);
  expect(begun).toBe(1);
});
