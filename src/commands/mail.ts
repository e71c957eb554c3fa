import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mailMode } from '../config/mail-mode.ts';
import type { Config } from '../config/settings.ts';
import { OperatorError } from '../errors.ts';
import { createMailer } from '../mail/mailer.ts';
import { type MessageConfig, toMessage, Undeliverable } from '../mail/message.ts';
import { sampleMails } from '../mail/samples.ts';
import { explainSmtpFailure } from '../mail/smtp-errors.ts';
import { findTemplatesProblem, readTemplates } from '../mail/template-folder.ts';
import type { MailTemplate } from '../outbox/mail-content.ts';
import { readSettings } from './read-settings.ts';
import type { Terminal } from './terminal.ts';

const sender = { address: 'ada@example.com', createdAt: new Date('2026-01-15T10:30:00.000Z') };

/** `roster mail preview`: every mail in every language, as text and as HTML, with made-up values. */
export function previewMails(terminal: Terminal, { output }: { output: string }): void {
  const config = readSettings(terminal, [findTemplatesProblem]);
  const templates = readTemplates(config.MAIL_TEMPLATES);
  const now = sender.createdAt;
  let written = 0;
  for (const locale of Object.keys(templates.locales)) {
    mkdirSync(join(output, locale), { recursive: true });
    for (const [name, content] of Object.entries(sampleMails(now))) {
      const { subject, text, html } = toMessage(
        config,
        templates,
        { ...sender, id: `mail_${name}`, locale },
        content,
        now,
      );
      writeFileSync(join(output, locale, `${name}.txt`), `Subject: ${subject}\n\n${text}`);
      writeFileSync(join(output, locale, `${name}.html`), html);
      written += 1;
    }
  }
  terminal.stdout.write(`${written} mails, as text and as HTML, are in ${output}.\n`);
}

/** `roster mail test ADDRESS`: sends one mail with the settings, at once and without the database. */
export async function testMail(terminal: Terminal, address: string): Promise<void> {
  const config = readSettings(terminal, [findTemplatesProblem]);
  if (mailMode(config) !== 'smtp') throw new OperatorError(`No mail is sent with these settings: ${toSend(config)}.`);
  const mailer = createMailer(config);
  try {
    const code = await mailer.send(testMessage(config, address));
    terminal.stdout.write(
      `The mail server has taken the mail to ${address} (${code}). Look whether it arrives, and not among the spam.\n`,
    );
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    if (error instanceof Undeliverable) throw new OperatorError(`"${address}" is no address that mail is sent to.`);
    throw new OperatorError(explainSmtpFailure(error));
  } finally {
    mailer.close();
  }
}

/** What it takes for mail to be sent. */
function toSend({ MAIL, SMTP_URL }: Pick<Config, 'MAIL' | 'SMTP_URL'>): string {
  return MAIL && SMTP_URL
    ? `MAIL is \`${MAIL}\`; set it to \`smtp\`, or leave it out`
    : 'set SMTP_URL, MAIL_FROM and PASSWORD_RESET_URL';
}

/** The mail that most depends on arriving. */
function testMessage(config: MessageConfig & Parameters<typeof findTemplatesProblem>[0], address: string) {
  const now = new Date();
  const template: MailTemplate = 'sign-in-code';
  const addressed = { id: `mail_test_${now.getTime()}`, address, locale: null, createdAt: now };
  return toMessage(config, readTemplates(config.MAIL_TEMPLATES), addressed, sampleMails(now)[template], now);
}
