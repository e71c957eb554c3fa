import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mailTimeouts } from '../../src/mail/mailer.ts';
import { sendEmailChange } from '../../src/users/email-change.ts';
import { createMailApp, mailRow, queueMail, signInCode, startMailWorker } from '../support/mails.ts';
import { startSmtp, type TestSmtp } from '../support/smtp.ts';
import { makeUser } from '../support/users.ts';
import { waitFor } from '../support/wait.ts';

const code = signInCode();

/** Answers as a mail server does until a command comes, and from then on as another program; answers its port. */
async function startJunkServer(from: string): Promise<number> {
  const answers = { EHLO: '250 here', MAIL: '250 ok', RCPT: '250 ok', DATA: '354 go on' };
  const server = createServer((socket) => {
    let isJunk = from === '';
    const say = (line: string) => socket.write(`${isJunk ? 'HTTP/1.1 400 Bad Request' : line}\r\n`);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const command = bytes.toString().slice(0, 4);
      isJunk ||= command === from;
      say(answers[command as keyof typeof answers] ?? '250 ok');
    });
    say('220 here');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('a mail', () => {
  test('arrives as text and HTML, with the headers of a machine, and its row forgets what it said and where it went', async () => {
    const smtp = await startSmtp();
    const t = await createMailApp(smtp, { MAIL_REPLY_TO: 'help@roster.example' });
    const id = await queueMail(t, code);
    await t.app.jobs.runDue();
    const [mail] = smtp.mails;
    expect(smtp.mails).toHaveLength(1);
    expect(mail?.envelope).toEqual({ from: 'accounts@roster.example', to: ['ada@example.com'] });
    expect(mail?.from?.value).toEqual([{ name: 'Example', address: 'accounts@roster.example' }]);
    expect(mail?.replyTo?.value).toMatchObject([{ address: 'help@roster.example' }]);
    expect(mail?.messageId).toBe(`<${id}@roster.example>`);
    expect(mail?.subject).toBe('Your code to sign in to Example');
    expect(Object.fromEntries(mail?.headers ?? [])).toMatchObject({
      'auto-submitted': 'auto-generated',
      'x-auto-response-suppress': 'All',
    });
    expect(mail?.headers.has('x-mailer')).toBe(false);
    expect(mail?.text?.split('\n')).toContain('123456');
    expect(mail?.text).toMatch(/^123456 is your code to sign in to Example\./);
    expect(mail?.html).toContain('>123456</p>');
    expect(mail?.text).toContain('valid for 10 minutes');
    const row = await mailRow(t, id);
    expect(row).toMatchObject({
      state: 'sent',
      attempts: 1,
      smtpReplyCode: 250,
      address: null,
      sealedParameters: null,
    });
    expect(row.finishedAt).not.toBeNull();
    expect(row.dueAt).toBeNull();
    expect(row.addressHash).toBe(t.app.secrets.hmacOf('mail address', 'ada@example.com'));
  });

  test('that the server refuses for good is tried once, and the log says so without the address', async () => {
    const smtp = await startSmtp();
    smtp.behave((step) => (step === 'to' ? { code: 550, text: '5.1.1 <ada@example.com> is not known here' } : null));
    const t = await createMailApp(smtp);
    const id = await queueMail(t, code);
    await t.app.jobs.runDue();
    expect(smtp.reached.to).toBe(1);
    expect(await mailRow(t, id)).toMatchObject({
      state: 'failed',
      smtpReplyCode: 550,
      address: null,
      sealedParameters: null,
      dueAt: null,
    });
    expect(t.logged()).toContain('a mail could not be sent, and is given up');
    expect(t.logged()).toContain('answered 550 5.1.1');
    expect(t.logged()).not.toContain('ada@example.com');
  });

  test('that is refused for now is tried again, and then has its one copy', async () => {
    const smtp = await startSmtp();
    smtp.behave((step, count) => (step === 'data' && count < 3 ? { code: 451, text: '4.7.1 greylisted' } : null));
    const t = await createMailApp(smtp);
    startMailWorker(t, [20, 40]);
    const id = await queueMail(t, code);
    await waitFor('it to be sent', async () => (await mailRow(t, id)).state === 'sent');
    expect(smtp.mails).toHaveLength(1);
    expect(await mailRow(t, id)).toMatchObject({ attempts: 3, smtpReplyCode: 250, unanswered: 0 });
    expect(t.logged()).toContain('answered 451 4.7.1');
  });

  test('that is deferred keeps no other one waiting', async () => {
    const smtp = await startSmtp();
    let isFirst = true;
    smtp.behave((step) => {
      if (step !== 'to' || !isFirst) return null;
      isFirst = false;
      return { code: 450 };
    });
    const t = await createMailApp(smtp);
    const ids = [await queueMail(t, code), await queueMail(t, code)];
    await t.app.jobs.runDue();
    const states = await Promise.all(ids.map(async (id) => (await mailRow(t, id)).state));
    expect(states.sort()).toEqual(['queued', 'sent']);
  });

  test('is not sent once what it carries has expired', async () => {
    const smtp = await startSmtp();
    const t = await createMailApp(smtp);
    const id = await queueMail(t, signInCode('123456', -1));
    await t.app.jobs.runDue();
    expect(smtp.reached.connect).toBe(0);
    expect(await mailRow(t, id)).toMatchObject({ state: 'expired', address: null, sealedParameters: null });
    expect(t.logged()).toContain('could not be sent before what it carries expired');
  });

  test('is not sent once what it carries was used or ended, and a notice of it is', async () => {
    const smtp = await startSmtp();
    const t = await createMailApp(smtp);
    const user = await makeUser(t.app);
    await sendEmailChange(t.app, 'roster', user.id, { newEmail: 'new@example.com' });
    await t.app.db.transaction((tx) => tx.prisma.oneTimeCode.updateMany({ data: { endedAt: new Date() } }));
    await t.app.jobs.runDue();
    expect(smtp.mails.map(({ envelope }) => envelope.to)).toEqual([[user.email]]);
    const rows = await t.app.db.reader.mailMessage.findMany({ orderBy: { template: 'asc' } });
    expect(rows.map(({ template, state, address }) => [template, state, address])).toEqual([
      ['email-change', 'cancelled', null],
      ['email-change-requested', 'sent', null],
    ]);
    expect(t.logged()).not.toContain('could not be sent');
  });

  test('that each of its processes died over is given up', async () => {
    const smtp = await startSmtp();
    const t = await createMailApp(smtp);
    const id = await queueMail(t, code);
    await t.app.db.transaction((tx) =>
      tx.prisma.mailMessage.update({ where: { id }, data: { state: 'sending', attempts: 3, unanswered: 3 } }),
    );
    await t.app.jobs.runDue();
    expect(smtp.mails).toHaveLength(0);
    expect(await mailRow(t, id)).toMatchObject({ state: 'failed' });
  });

  test('that was sealed under another secret is given up, and says why', async () => {
    const smtp = await startSmtp();
    const t = await createMailApp(smtp);
    const id = await queueMail(t, code);
    await t.app.db.transaction((tx) =>
      tx.prisma.mailMessage.update({ where: { id }, data: { sealedParameters: 'x' } }),
    );
    await t.app.jobs.runDue();
    expect(await mailRow(t, id)).toMatchObject({
      state: 'failed',
      lastError: expect.stringContaining('SIGNING_KEY_SECRET'),
    });
  });
});

describe('a mail server', () => {
  test('that is away gets no more than a probe now and then, and then everything once', async () => {
    const smtp = await startSmtp();
    const t = await createMailApp(smtp);
    await smtp.stop();
    startMailWorker(t, [50, 100, 200]);
    const ids: string[] = [];
    for (let n = 0; n < 20; n += 1) ids.push(await queueMail(t, code));
    await waitFor('it to be found away', () => t.logged().includes('the mail server is away'));
    expect((await t.fetch('/ready')).status).toBe(200);
    await waitFor('it to be found away thrice', () => t.logged().split('the mail server is away').length > 3);
    await smtp.start();
    await waitFor(
      'all to be sent',
      async () => (await t.app.db.reader.mailMessage.count({ where: { state: 'sent' } })) === 20,
    );
    expect(new Set(smtp.mails.map(({ messageId }) => messageId)).size).toBe(20);
    expect(smtp.mails).toHaveLength(20);
    const attempts = await Promise.all(ids.map(async (id) => (await mailRow(t, id)).attempts));
    expect(Math.max(...attempts)).toBeLessThan(10);
  });

  test('that refuses the password keeps the mail waiting: it is the settings that are wrong, not the mail', async () => {
    const smtp = await startSmtp({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth: unknown, _session: unknown, callback: (error: Error) => void) =>
        callback(Object.assign(new Error('5.7.8 no'), { responseCode: 535 })),
    });
    const t = await createMailApp(smtp, { SMTP_URL: smtp.url.replace('//', '//user:pass%23word@') });
    const id = await queueMail(t, code);
    await t.app.jobs.runDue();
    expect(await mailRow(t, id)).toMatchObject({ state: 'queued', attempts: 1 });
    expect(t.logged()).toContain('to the user and password of SMTP_URL');
    expect(t.logged()).not.toMatch(/pass(%23|#)word/);
  });

  test.each(['connect', 'from', 'data'] as const)(
    'that falls silent at %s is left, and the mail comes by another connection',
    async (silentAt) => {
      const smtp = await startSmtp();
      smtp.behave((step, count) => (step === silentAt && count === 1 ? 'hang' : null));
      const t = await createMailApp(smtp);
      const patience = { ...mailTimeouts, greetingTimeout: 300, handoverMs: 300, answerMs: 300 };
      startMailWorker(t, [20], patience);
      const id = await queueMail(t, code);
      await waitFor('it to be sent', async () => (await mailRow(t, id)).state === 'sent');
      expect(smtp.mails).toHaveLength(1);
      expect(t.logged()).toMatch(/does not answer \((GREETING|ANSWER)_TIMEOUT\)/);
    },
  );

  test.each([
    ['greets', ''],
    ['answers the sender', 'MAIL'],
    ['answers the recipient', 'RCPT'],
    ['answers the mail', 'DATA'],
  ])('that %s with something else than SMTP is away, and the mail waits', async (_when, from) => {
    const port = await startJunkServer(from);
    const t = await createMailApp({ url: `smtp://127.0.0.1:${port}` } as TestSmtp);
    const id = await queueMail(t, code);
    await t.app.jobs.runDue();
    expect(await mailRow(t, id)).toMatchObject({ state: 'queued', attempts: 1 });
    expect(t.logged()).toContain('the mail server is away');
    expect(t.logged()).toContain('something else than SMTP');
    expect(t.logged()).not.toContain('Bad Request');
  });

  test('that closes with 421 is away, and the mail waits', async () => {
    const smtp = await startSmtp();
    smtp.behave((step) => (step === 'from' ? { code: 421 } : null));
    const t = await createMailApp(smtp);
    const id = await queueMail(t, code);
    await t.app.jobs.runDue();
    expect(await mailRow(t, id)).toMatchObject({ state: 'queued' });
    expect(t.logged()).toContain('the mail server is away');
  });
});

test('two processes that send at once send each mail once', async () => {
  const smtp = await startSmtp();
  const t = await createMailApp(smtp);
  for (let n = 0; n < 30; n += 1) await queueMail(t, code);
  startMailWorker(t, [50]);
  startMailWorker(t, [50]);
  await waitFor(
    'all to be sent',
    async () => (await t.app.db.reader.mailMessage.count({ where: { state: 'sent' } })) === 30,
  );
  expect(smtp.mails).toHaveLength(30);
});
