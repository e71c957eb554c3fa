import { expect, onTestFinished, test } from 'vitest';
import { copyStore } from '../../src/db/copy.ts';
import { takeMails } from '../../src/mail/mail-rows.ts';
import { createTestApp } from '../support/app.ts';
import { copyOptions, emptyTarget, silent } from '../support/copies.ts';
import { mailRow, mailSettings, queueMail, signInCode } from '../support/mails.ts';
import { newTestDatabase } from '../support/processes.ts';
import { startSmtp } from '../support/smtp.ts';
import { waitFor } from '../support/wait.ts';

const code = signInCode();

test('mail that waits is sent from the copy, once, and what was under way when its lease is over', async () => {
  const smtp = await startSmtp();
  const settings = { ...mailSettings(smtp), SIGNING_KEY_SECRET: 'the secret of both, 32 characters' };
  const [{ url: from }, to] = [newTestDatabase({ isMigrated: true }), await emptyTarget()];
  const old = await createTestApp({ ...settings, DATABASE_URL: from });
  onTestFinished(old.close);
  const sent = await queueMail(old, code, { address: 'sent@example.com' });
  await old.app.jobs.runDue();
  const taken = await queueMail(old, code, { address: 'taken@example.com' });
  const leasedUntil = new Date(Date.now() + 2000);
  await takeMails(old.app.db, { now: new Date(), leasedUntil, limit: 1 });
  const waiting = await queueMail(old, code, { address: 'waiting@example.com' });
  await old.app.stop();
  await copyStore({ ...copyOptions, url: from }, { ...copyOptions, url: to }, silent);

  const copy = await createTestApp({ ...settings, DATABASE_URL: to });
  onTestFinished(copy.close);
  expect(await mailRow(copy, taken)).toMatchObject({ state: 'sending', unanswered: 1, dueAt: leasedUntil });
  copy.app.start();
  const stateOf = async (id: string) => (await mailRow(copy, id)).state;
  await waitFor('all to be sent', async () => (await stateOf(waiting)) === 'sent' && (await stateOf(taken)) === 'sent');
  expect(smtp.mails.map(({ envelope }) => envelope.to[0])).toEqual([
    'sent@example.com',
    'waiting@example.com',
    'taken@example.com',
  ]);
  expect(smtp.mails.map(({ messageId }) => messageId)).toEqual(
    [sent, waiting, taken].map((id) => `<${id}@roster.example>`),
  );
});
