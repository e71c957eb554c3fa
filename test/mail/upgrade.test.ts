import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createApp } from '../../src/create-app.ts';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { signingKeySecret } from '../../src/secrets/signing-key-secret.ts';
import { createEarlierDatabase } from '../support/earlier-database.ts';
import { mailSettings } from '../support/mails.ts';
import { migrateByCommand } from '../support/migrate-by-command.ts';
import { startSmtp } from '../support/smtp.ts';

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const number = (last: string) => last.padStart(26, '0');
const userId = `user_${number('1')}`;
const secrets = createSecrets(signingKeySecret(readConfig({})));

interface Earlier {
  readonly template?: string;
  readonly cause?: string;
  readonly state?: string;
  readonly unanswered?: number;
  readonly lockedBy?: string | null;
}

/** A mail as it was before, with its job where it is neither sent nor given up. */
function mail(
  last: string,
  { template = 'password-removed', cause = `${userId} ${last}`, ...rest }: Earlier,
): string[] {
  const { state = 'queued', unanswered = 0, lockedBy = null } = rest;
  const id = `mail_${number(last)}`;
  const isOver = state === 'sent';
  const text = (value: string | null) => (value === null ? 'NULL' : `'${value}'`);
  const parameters = secrets.sealSecret(
    'mail parameters',
    id,
    JSON.stringify({ code: '123456', expiresAt: inHours(1) }),
  );
  const row = [
    ...[id, userId, template, isOver ? null : `to${last}@example.com`, 'hash', isOver ? null : parameters].map(text),
    ...[`${template} ${cause}`, state].map(text),
    ...[unanswered, unanswered, text(inHours(-2)), text(inHours(1)), isOver ? text(inHours(-1)) : 'NULL'],
  ];
  const job = [`job_${number(last)}`, 'mail.send', JSON.stringify({ id }), inHours(1), lockedBy, inHours(-2)];
  return [
    `INSERT INTO mail_messages (id, user_id, template, address, address_hash, sealed_parameters, dedupe_key, state, attempts,
       unanswered, created_at, expires_at, finished_at) VALUES (${row.join(', ')})`,
    ...(isOver
      ? []
      : [`INSERT INTO jobs (id, kind, payload, run_at, locked_by, created_at) VALUES (${job.map(text).join(', ')})`]),
  ];
}

const usedCode = `magic_auth_${number('7')}`;
const rows = [
  `INSERT INTO users (id, email, email_canonical, metadata, created_at, updated_at)
   VALUES ('${userId}', 'a@example.com', 'a@example.com', '{}', '${inHours(-3)}', '${inHours(-3)}')`,
  `INSERT INTO one_time_codes (id, purpose, user_id, email, email_canonical, digest, created_at, expires_at, used_at)
   VALUES ('${usedCode}', 'magic_auth', '${userId}', 'a@example.com', 'a@example.com', 'd', '${inHours(-2)}', '${inHours(1)}', '${inHours(-1)}')`,
  ...mail('1', {}),
  ...mail('2', { template: 'sign-in-code', cause: `magic_auth_${number('8')}` }),
  ...mail('3', { state: 'sending', unanswered: 1, lockedBy: 'a process that is gone' }),
  ...mail('4', { state: 'sent' }),
  ...mail('5', { template: 'sign-in-code', cause: usedCode }),
  `INSERT INTO jobs (id, kind, payload, run_at, created_at) VALUES ('job_other', 'a.kind', '{}', '${inHours(5)}', '${inHours(-2)}')`,
].join(';\n');

test('after the upgrade, mails from before are sent, each once, and what was sent or used before is not', async () => {
  const databaseUrl = await createEarlierDatabase('mails_due', rows);
  await migrateByCommand(databaseUrl);
  const smtp = await startSmtp();
  const settings = { DATABASE_URL: databaseUrl, ...mailSettings(smtp) };
  const app = await createApp(readConfig(settings), pino({ level: 'silent' }));
  onTestFinished(() => app.stop());
  await app.jobs.runDue();
  await app.jobs.runDue();

  const sentTo = smtp.mails.map(({ envelope }) => envelope.to[0]).sort();
  expect(sentTo).toEqual(['to1@example.com', 'to2@example.com', 'to3@example.com']);
  const stored = await app.db.reader.mailMessage.findMany({ orderBy: { id: 'asc' } });
  expect(stored.map(({ state, cause, attempts, address }) => [state, cause, attempts, address])).toEqual([
    ['sent', `${userId} 1`, 1, null],
    ['sent', `magic_auth_${number('8')}`, 1, null],
    ['sent', `${userId} 3`, 2, null],
    ['sent', `${userId} 4`, 0, null],
    ['cancelled', usedCode, 0, null],
  ]);
  const jobs = await app.db.reader.job.findMany({ select: { id: true } });
  expect(jobs).toEqual([{ id: 'job_other' }]);
});
