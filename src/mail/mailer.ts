import nodemailer from 'nodemailer';
import { type MailMode, mailMode } from '../config/mail-mode.ts';
import { loopbackHost } from '../config/mail-setting-rules.ts';
import type { Config } from '../config/settings.ts';
import { afterRunning } from '../jobs/time-limit.ts';
import { developmentSender, type Message } from './message.ts';

export type MailerConfig = Pick<
  Config,
  'MAIL' | 'SMTP_URL' | 'NODE_ENV' | 'MAIL_FROM' | 'MAIL_FROM_NAME' | 'MAIL_REPLY_TO'
>;

interface SendOptions {
  /** How long the mail is of use, in ms: if the server does not have it by then, it does not get it. */
  readonly withinMs?: number;
  /** Told as soon as the server has the whole mail: whoever hears nothing from then on does not know whether it was sent. */
  readonly onHandedOver?: () => void;
}

/** Brings mail on its way. */
export interface Mailer {
  readonly mode: MailMode;
  /** Resolves with the server's reply code when it has taken the mail; null where there is no server. */
  send(message: Message, options?: SendOptions): Promise<number | null>;
  close(): void;
}

/** How many connections one process opens, and so how many mails it sends at once. */
export const mailConnections = 5;

/** How long a server that says nothing, or talks slowly, is waited for, in ms. */
export const mailTimeouts = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  dnsTimeout: 10_000,
  /** Until it has the whole mail. */
  handoverMs: 60_000,
  /** From then on. A server that looks through mail takes its time, and what is sent again meanwhile arrives twice: RFC 5321, 4.5.3.2.6. */
  answerMs: 120_000,
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

/** As long as a timer can wait. */
const never = 2 ** 31 - 1;

/** What of a mail is given to nodemailer for this file alone. */
interface Watched {
  onHandedOver(): void;
}

/** One pool of connections, opened when they are needed. */
function createTransport(config: MailerConfig, timeouts: typeof mailTimeouts) {
  const transport = nodemailer.createTransport({
    pool: true,
    maxConnections: mailConnections,
    maxRequeues: 1, // a connection that the server closed while it was idle; all other tries are the job's
    idleTimeout: 30_000,
    ...smtpOptions(config.SMTP_URL ?? ''),
    ...timeouts,
    socketTimeout: never, // it would count what this process stood still
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  transport.use('stream', ({ data, message }, next) => {
    message.processFunc((input) => input.once('end', (data as Watched).onHandedOver));
    next();
  });
  return transport;
}

function createSmtpMailer(config: MailerConfig, timeouts: typeof mailTimeouts): Mailer {
  const transport = createTransport(config, timeouts);
  const from = { name: config.MAIL_FROM_NAME, address: config.MAIL_FROM ?? developmentSender };
  const replyTo = config.MAIL_REPLY_TO ? { name: '', address: config.MAIL_REPLY_TO } : undefined;
  return {
    mode: 'smtp',
    async send({ to, ...content }, { withinMs = never, onHandedOver } = {}) {
      const patience = createPatience({ ...timeouts, handoverMs: Math.min(timeouts.handoverMs, withinMs) });
      const mail = {
        ...content,
        from,
        ...(replyTo && { replyTo }),
        to: { name: '', address: to },
        envelope: { from: from.address, to },
        xMailer: false as const,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        signal: patience.signal,
        onHandedOver() {
          patience.waitForAnswer();
          onHandedOver?.();
        },
      };
      try {
        const { response } = await transport.sendMail(mail);
        return Number.parseInt(response, 10) || null;
      } finally {
        patience.end();
      }
    },
    close: () => transport.close(),
  };
}

/** Breaks one attempt off when the server has had its time. */
function createPatience({ handoverMs, answerMs }: typeof mailTimeouts) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let end = afterRunning(handoverMs, abort);
  return {
    signal: controller.signal,
    waitForAnswer(): void {
      end();
      end = afterRunning(answerMs, abort);
    },
    end: () => end(),
  };
}

/** On its way to another machine mail is encrypted, and the server's certificate is checked. */
function smtpOptions(url: string) {
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
