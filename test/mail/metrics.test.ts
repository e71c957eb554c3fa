import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/create-app.ts';
import { createMailApp, queueMail, signInCode } from '../support/mails.ts';
import { startSmtp } from '../support/smtp.ts';
import { freePort } from '../support/wait.ts';

test('the metrics tell of mail that was sent, refused and waits, and never to whom', async () => {
  const smtp = await startSmtp();
  const port = await freePort();
  const t = await createMailApp(smtp, { METRICS_PORT: String(port), PORT: '0', RUN_JOBS: 'false' });
  const server = await startServer(t.app);
  onTestFinished(() => server.stop());
  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

  await queueMail(t, signInCode());
  await t.app.jobs.runDue();
  smtp.behave((step) => (step === 'to' ? { code: 550 } : null));
  await queueMail(t, { template: 'password-removed', providers: [] });
  await t.app.jobs.runDue();
  smtp.behave((step) => (step === 'to' ? { code: 451 } : null));
  await queueMail(t, signInCode());
  await t.app.jobs.runDue();

  const metrics = await read();
  expect(metrics).toContain('roster_mail_messages_total{template="sign-in-code",outcome="sent"} 1\n');
  expect(metrics).toContain('roster_mail_messages_total{template="password-removed",outcome="failed"} 1\n');
  expect(metrics).toContain('roster_mail_waiting 1\n');
  expect(metrics).toMatch(/^roster_mail_lag_seconds [\d.e-]+$/m);
  expect(metrics).toContain('target_info{service_name="roster"');
  expect(metrics).not.toContain('example.com');
  expect(metrics).not.toContain('123456');
});

test('without METRICS_PORT there is no such page', async () => {
  const t = await createMailApp(await startSmtp());
  expect((await t.fetch('/metrics')).status).toBe(404);
});
