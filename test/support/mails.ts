import { onTestFinished } from 'vitest';
import type { Worker } from '../../src/jobs/worker.ts';
import { createMailer, mailTimeouts } from '../../src/mail/mailer.ts';
import { createMailSending } from '../../src/mail/sending.ts';
import { readTemplates } from '../../src/mail/template-folder.ts';
import type { MailContent } from '../../src/outbox/mail-content.ts';
import { createTestApp, type TestApp } from './app.ts';
import type { TestSmtp } from './smtp.ts';

export const mailSettings = (smtp: Pick<TestSmtp, 'url'>) => ({
  SMTP_URL: smtp.url,
  MAIL_FROM: 'accounts@roster.example',
  MAIL_FROM_NAME: 'Example',
  PASSWORD_RESET_URL: 'https://app.example/reset',
});

/** The whole service with a mail server. */
export async function createMailApp(smtp: TestSmtp, settings: Record<string, string> = {}): Promise<TestApp> {
  const t = await createTestApp({ ...mailSettings(smtp), ...settings });
  onTestFinished(t.close);
  return t;
}

let causes = 0;

/** Queues a mail to somebody who is no user; answers its id. */
export async function queueMail(
  { app }: TestApp,
  content: MailContent,
  { address = 'ada@example.com', locale = null }: { address?: string; locale?: string | null } = {},
): Promise<string> {
  causes += 1;
  const cause = `cause ${causes}`;
  const mail = { to: address, userId: null, locale, cause, content };
  await app.db.transaction((tx) => app.outbox.queueMail(tx, mail));
  return (await app.db.reader.mailMessage.findFirstOrThrow({ where: { cause } })).id;
}

export function signInCode(code = '123456', lifeMs = 600_000): MailContent {
  return { template: 'sign-in-code', code, expiresAt: new Date(Date.now() + lifeMs) };
}

export const mailRow = ({ app }: TestApp, id: string) => app.db.reader.mailMessage.findUniqueOrThrow({ where: { id } });

/** A process that sends mail and does nothing else, and tries again by this schedule. */
export function startMailWorker(
  { app }: TestApp,
  scheduleMs: number[],
  timeouts = mailTimeouts,
  { leaseMs = 30_000, now = () => new Date() } = {},
): Worker {
  const { config, db, log, metrics, secrets } = app;
  const mailer = createMailer(config, timeouts);
  const templates = readTemplates(config.MAIL_TEMPLATES);
  const given = { config, db, log, secrets, now, mailer, templates, metrics };
  const sending = createMailSending(given, scheduleMs, { leaseMs, pollMs: 50 });
  onTestFinished(async () => {
    await sending.stop(2000);
    mailer.close();
  });
  sending.start();
  return sending;
}
