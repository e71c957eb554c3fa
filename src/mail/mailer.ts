import nodemailer from 'nodemailer';
import { type MailMode, mailMode } from '../config/mail-mode.ts';
import { loopbackHost } from '../config/mail-setting-rules.ts';
import type { Config } from '../config/settings.ts';
import { developmentSender, type Message } from './message.ts';

export type MailerConfig = Pick<
  Config,
  'MAIL' | 'SMTP_URL' | 'NODE_ENV' | 'MAIL_FROM' | 'MAIL_FROM_NAME' | 'MAIL_REPLY_TO'
>;

/** Brings mail on its way. */
export interface Mailer {
  readonly mode: MailMode;
  /** Resolves with the server's reply code when it has taken the mail; null where there is no server. */
  send(message: Message, signal: AbortSignal): Promise<number | null>;
  close(): void;
}

/** How many connections one process opens, and so how many mails it sends at once. */
export const mailConnections = 5;

/** How long a server that says nothing is waited for, in ms. */
export const mailTimeouts = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
  dnsTimeout: 10_000,
};

export function createMailer(config: MailerConfig, timeouts = mailTimeouts): Mailer {
  const mode = mailMode(config);
  if (mode === 'smtp') return createSmtpMailer(config, timeouts);
  return {
    mode,
    async send(message) {
      process.stdout.write(printed(message));
      return null;
    },
    close() {},
  };
}

/** One pool of connections, opened when they are needed. */
function createSmtpMailer(config: MailerConfig, timeouts: typeof mailTimeouts): Mailer {
  const transport = nodemailer.createTransport({
    pool: true,
    maxConnections: mailConnections,
    maxRequeues: 1, // a connection that the server closed while it was idle; all other tries are the job's
    idleTimeout: 30_000,
    ...smtpOptions(config.SMTP_URL ?? ''),
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const from = { name: config.MAIL_FROM_NAME, address: config.MAIL_FROM ?? developmentSender };
  const replyTo = config.MAIL_REPLY_TO ? { name: '', address: config.MAIL_REPLY_TO } : undefined;
  return {
    mode: 'smtp',
    async send({ messageId, to, subject, text, html }, signal) {
      const { response } = await transport.sendMail({
        messageId,
        from,
        ...(replyTo && { replyTo }),
        to: { name: '', address: to },
        envelope: { from: from.address, to },
        subject,
        text,
        html,
        xMailer: false,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        signal,
      });
      return Number.parseInt(response, 10) || null;
    },
    close: () => transport.close(),
  };
}

/** On its way to another machine mail is encrypted, and the server's certificate is checked. */
export function smtpOptions(url: string) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const isHere = loopbackHost.test(hostname);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    secure: protocol === 'smtps:',
    ...(port !== '' && { port: Number(port) }),
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    requireTLS: !isHere,
    ignoreTLS: isHere && protocol === 'smtp:',
    tls: { minVersion: 'TLSv1.2', ...(isHere && { rejectUnauthorized: false }) },
  } as const;
}

/** For the terminal of whoever tries Roster out. */
function printed({ to, subject, text }: Message): string {
  const lines = [`To: ${to}`, `Subject: ${subject}`, '', ...text.trimEnd().split('\n')];
  return `\n${lines.map((line) => `  │ ${line}`.trimEnd()).join('\n')}\n\n`;
}
