import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { updateUser } from '../../src/users/update.ts';
import { createMailApp, mailSettings } from '../support/mails.ts';
import { startSmtp, type TestSmtp } from '../support/smtp.ts';
import { makeUser, newAddress } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';

const leaseMs = 1000;
const concurrency = 5;

async function startWorker(url: string, smtp: TestSmtp): Promise<ChildProcess> {
  const args = ['--import', 'tsx', 'test/support/mail-worker.ts', String(leaseMs)];
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, DATABASE_URL: url, ...mailSettings(smtp) };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('whoever is killed between the commit and the sending: each cause has its mail, and more of one only where a process died over it', async () => {
  const smtp = await startSmtp();
  const t = await createMailApp(smtp, { RUN_JOBS: 'false' });
  const users = await Promise.all(Array.from({ length: 60 }, () => makeUser(t.app)));
  const changing = users.map(async ({ id }, i) => {
    await sleep(i * 40);
    await updateUser(t.app, 'roster', id, { email: newAddress() });
  });
  const rounds = 5;
  for (let round = 0; round < rounds; round += 1) {
    const worker = await startWorker(t.app.config.DATABASE_URL, smtp);
    const before = smtp.reached.from;
    await waitFor('mail to be under way', () => smtp.reached.from > before, 20_000);
    await kill(worker);
  }
  await Promise.all(changing);
  await startWorker(t.app.config.DATABASE_URL, smtp);
  const states = () => t.app.db.reader.mailMessage.groupBy({ by: ['state'], _count: true });
  await waitFor('all to be sent', async () => (await states()).every(({ state }) => state === 'sent'), 60_000);

  const sentTo = smtp.mails.map(({ envelope }) => envelope.to[0]);
  expect(new Set(sentTo)).toEqual(new Set(users.map(({ email }) => email)));
  const ids = smtp.mails.map(({ messageId }) => messageId);
  expect(new Set(ids).size).toBe(users.length);
  expect(ids.length - users.length).toBeLessThanOrEqual(rounds * concurrency);
});
