import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createMailer, mailTimeouts } from '../../src/mail/mailer.ts';
import { temporaryFolder } from '../support/database.ts';
import { createMailApp, mailRow, mailSettings, queueMail, signInCode, startMailWorker } from '../support/mails.ts';
import { startSmtp } from '../support/smtp.ts';
import { standStill } from '../support/stand-still.ts';
import { waitFor } from '../support/wait.ts';

const code = signInCode();
const message = {
  messageId: '<mail_1@roster.example>',
  to: 'ada@example.com',
  subject: 'A',
  text: 'B',
  html: '<p>B</p>',
};

/** What sends mail, with less patience. */
function openMailer(url: string, patience: Partial<typeof mailTimeouts>) {
  const config = readConfig({ ...mailSettings({ url }), NODE_ENV: 'test' });
  const mailer = createMailer(config, { ...mailTimeouts, ...patience });
  onTestFinished(() => mailer.close());
  return mailer;
}

test('a mail that the server takes and never answers goes out three times, and then is given up', async () => {
  const smtp = await startSmtp();
  smtp.behave((step) => (step === 'data' ? 'hang' : null));
  const t = await createMailApp(smtp);
  startMailWorker(t, [20], { ...mailTimeouts, answerMs: 100 });
  const id = await queueMail(t, code);
  await waitFor('it to be given up', async () => (await mailRow(t, id)).finishedAt !== null);
  expect(smtp.reached.data).toBe(3);
  expect(await mailRow(t, id)).toMatchObject({
    state: 'failed',
    attempts: 3,
    lastError: 'Three times it was not known whether it was sent.',
    address: null,
    sealedParameters: null,
  });
});

test('what the server said no to in between is not forgotten over that, nor is it taken for such an attempt', async () => {
  const smtp = await startSmtp();
  let refused = 0;
  smtp.behave((step, count) => {
    if (step === 'data') return 'hang';
    if (step !== 'to' || count % 2 === 1) return null;
    refused += 1;
    return { code: 451 };
  });
  const t = await createMailApp(smtp);
  startMailWorker(t, [20], { ...mailTimeouts, answerMs: 100 });
  const id = await queueMail(t, code);
  await waitFor('it to be given up', async () => (await mailRow(t, id)).finishedAt !== null);
  expect([smtp.reached.data, refused]).toEqual([3, 2]);
});

test('what expires while it is being handed over is not sent any more', async () => {
  const smtp = await startSmtp();
  smtp.behave((step) => (step === 'to' ? 'hang' : null));
  const t = await createMailApp(smtp);
  startMailWorker(t, [20]);
  const id = await queueMail(t, signInCode('123456', 1500));
  await waitFor('it to be over', async () => (await mailRow(t, id)).finishedAt !== null, 20_000);
  expect(await mailRow(t, id)).toMatchObject({ state: 'expired', unanswered: 0, address: null });
});

test('a server that takes its time over a mail that it has taken is waited for', async () => {
  const answer = async (stream: NodeJS.ReadableStream, callback: () => void) => {
    for await (const _chunk of stream);
    await sleep(600);
    callback();
  };
  const smtp = await startSmtp({
    onData: (stream: NodeJS.ReadableStream, _session: unknown, callback: () => void) => void answer(stream, callback),
  });
  const { send } = openMailer(smtp.url, { handoverMs: 300 });
  expect(await send(message)).toBe(250);
});

test('what was answered while this process stood still counts, however long that was', async () => {
  const file = join(temporaryFolder(), 'received');
  const args = ['--import', 'tsx', 'test/support/smtp-process.ts', file];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const url = `smtp://127.0.0.1:${Number(String((await once(child.stdout, 'data'))[0]))}`;
  const { send } = openMailer(url, { handoverMs: 500, answerMs: 500 });
  const handingOver = new EventEmitter();
  const sent = send(message, { onHandedOver: () => void handingOver.emit('end') });
  await once(handingOver, 'end');
  await nextTurn(); // the last of it is on its way
  standStill(() => existsSync(file) && readFileSync(file, 'utf8').includes(message.messageId));
  expect(await sent).toBe(250);
});
