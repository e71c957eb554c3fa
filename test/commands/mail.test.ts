import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../scripts/postgresql-server.ts';
import { openDatabase } from '../../src/db/database.ts';
import { copyOptions } from '../support/copies.ts';
import { temporaryFolder } from '../support/database.ts';
import { mailSettings } from '../support/mails.ts';
import { newTestDatabase, roster } from '../support/processes.ts';
import { startSmtp } from '../support/smtp.ts';

test('mail preview writes every mail in every language, as text and as HTML', async () => {
  const output = join(temporaryFolder(), 'preview');
  expect(await roster(['mail', 'preview', '--output', output])).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(output).sort()).toEqual(['de', 'en', 'es', 'fr']);
  const files = readdirSync(join(output, 'de'));
  expect(files).toHaveLength(30);
  expect(readFileSync(join(output, 'de', 'sign-in-code.txt'), 'utf8')).toMatch(/^Subject: Ihr Code zum Anmelden/);
  expect(readFileSync(join(output, 'de', 'sign-in-code.html'), 'utf8')).toContain('<html lang="de">');
});

describe('mail test', () => {
  test('sends one mail, by the settings, without a database', async () => {
    const smtp = await startSmtp();
    const { code, stdout, stderr } = await roster(['mail', 'test', 'me@example.com'], mailSettings(smtp));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('has taken the mail to me@example.com (250)');
    expect(smtp.mails).toHaveLength(1);
  });

  test('says what is wrong: nothing listens, the server’s own words, the password', async () => {
    const away = { url: `smtp://127.0.0.1:${await freePort()}` };
    expect((await roster(['mail', 'test', 'me@example.com'], mailSettings(away))).stderr).toMatch(
      /could not be sent.*\nNothing listens there: is the port of SMTP_URL right\?\n$/,
    );
    const smtp = await startSmtp();
    smtp.behave((step) => (step === 'to' ? { code: 550, text: '5.7.1 relaying denied' } : null));
    expect(await roster(['mail', 'test', 'me@example.com'], mailSettings(smtp))).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('550 5.7.1 relaying denied'),
    });
    const strict = await startSmtp({
      allowInsecureAuth: true,
      onAuth: (_auth: unknown, _session: unknown, callback: (error: Error) => void) =>
        callback(Object.assign(new Error('no'), { responseCode: 535 })),
    });
    const url = strict.url.replace('//', '//me:hunter22@');
    const { stderr } = await roster(['mail', 'test', 'me@example.com'], mailSettings({ url }));
    expect(stderr).toContain('does not take the user and password of SMTP_URL');
    expect(stderr).not.toContain('hunter22');
  });

  test('says what is missing, all of it at once', async () => {
    const { code, stderr } = await roster(['mail', 'test', 'me@example.com'], { SMTP_URL: 'smtps://mail.example' });
    expect(code).toBe(1);
    for (const name of ['MAIL_FROM', 'PASSWORD_RESET_URL']) expect(stderr).toContain(`\n  ${name}: missing`);
    expect((await roster(['mail', 'test', 'me@example.com'], {})).stderr).toContain('set SMTP_URL');
    const off = { ...mailSettings({ url: 'smtps://mail.example' }), MAIL: 'off' };
    const withOff = await roster(['mail', 'test', 'me@example.com'], off);
    expect(withOff.stderr).toContain('MAIL is `off`; set it to `smtp`, or leave it out');
  });

  test('refuses what is no address', async () => {
    const smtp = await startSmtp();
    const { code, stderr } = await roster(['mail', 'test', 'me'], mailSettings(smtp));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '"me" is no address that mail is sent to.\n' });
  });
});

test('mail list says what waits and what could not be sent, and why, without addresses; mail retry has it tried now', async () => {
  const { url } = newTestDatabase({ isMigrated: true });
  const db = await openDatabase({ ...copyOptions, url });
  onTestFinished(() => db.close());
  const at = new Date('2026-01-15T12:00:00.000Z');
  const base = { template: 'password-changed', address: 'a@example.com', sealedParameters: 'x', cause: 'c' };
  const times = { createdAt: at, expiresAt: at, dueAt: at };
  const over = { address: null, dueAt: null, finishedAt: at };
  const rows = [
    { id: 'mail_1' },
    { id: 'mail_2', attempts: 2, lastError: 'The mail server answered 451.' },
    { id: 'mail_3', state: 'sending', attempts: 1 },
    { id: 'mail_4', state: 'failed', attempts: 1, lastError: 'The mail server answered 550.', ...over },
    { id: 'mail_5', state: 'sent', attempts: 1, ...over },
  ];
  await db.transaction((tx) =>
    tx.prisma.mailMessage.createMany({ data: rows.map((row) => ({ ...base, ...times, ...row })) }),
  );
  const mail = (...args: string[]) => roster(['mail', ...args], { DATABASE_URL: url });
  const moment = '2026-01-15T12:00:00.000Z';
  expect((await mail('list')).stdout.split('\n')).toEqual([
    `mail_1  password-changed  waits until ${moment}`,
    `mail_2  password-changed  waits until ${moment}  attempts 2  The mail server answered 451.`,
    `mail_3  password-changed  is being sent, with a lease until ${moment}  attempts 1`,
    '',
  ]);
  expect((await mail('list', '--failed')).stdout).toBe(
    `mail_4  password-changed  failed ${moment}  attempts 1  The mail server answered 550.\n`,
  );
  expect(await mail('retry', 'mail_3')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^There is no mail 'mail_3' that waits\. /),
  });
  expect(await mail('retry', 'mail_2')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^mail_2 is sent within seconds/),
  });
  expect(Number((await db.reader.mailMessage.findUnique({ where: { id: 'mail_2' } }))?.dueAt)).toBeGreaterThan(
    Number(at),
  );
});
