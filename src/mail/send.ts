import type { Logger } from 'pino';
import type { Database, MailMessage } from '../db/database.ts';
import type { MailContent } from '../outbox/mail-content.ts';
import { type Secrets, Unsealable } from '../secrets/secrets.ts';
import { isEnded } from './mail-rows.ts';
import type { Mailer } from './mailer.ts';
import { type Message, type MessageConfig, toMessage, Undeliverable } from './message.ts';
import type { Ending, Outcome } from './outcome.ts';
import type { Pause } from './pause.ts';
import { toSmtpFailure } from './smtp-errors.ts';
import type { Templates } from './template-folder.ts';

export interface SenderApp {
  readonly config: MessageConfig;
  readonly db: Database;
  readonly log: Logger;
  readonly now: () => Date;
  readonly secrets: Secrets;
  readonly mailer: Mailer;
  readonly templates: Templates;
}

/**
 * So often it may stay unknown whether a mail was sent, because the server took it and fell silent, or the process was killed over
 * it: so many copies arrive at most.
 */
const maxUnanswered = 3;

export interface Sender {
  /** Sends a mail that this process has taken, given as it was before, unless the signal is aborted before that begins. */
  send(mail: MailMessage, signal: AbortSignal): Promise<Outcome>;
  /** What became of it is stored. */
  forget(id: string): void;
}

export function createSender(app: SenderApp, pause: Pause): Sender {
  const { log, mailer, now } = app;
  /** What the server has taken, until the database is told. */
  const taken = new Map<string, number | null>();

  async function deliver({ id, expiresAt }: MailMessage, message: Message): Promise<Outcome> {
    let isHandedOver = false;
    const onHandedOver = () => {
      isHandedOver = true;
    };
    try {
      const reply = await mailer.send(message, { withinMs: expiresAt.getTime() - now().getTime(), onHandedOver });
      taken.set(id, reply);
      pause.end();
      return ended(sent(reply), true);
    } catch (error) {
      const { kind, replyCode, reason } = toSmtpFailure(error);
      if (kind !== 'away') pause.end();
      else if (pause.begin()) log.warn({ reason }, 'the mail server is away, and mail waits');
      if (kind === 'refused') return ended({ state: 'failed', smtpReplyCode: replyCode, lastError: reason }, true);
      return {
        kind: 'again',
        smtpReplyCode: replyCode,
        lastError: reason,
        isUnknown: isHandedOver && replyCode === null,
      };
    }
  }

  /** A start with the wrong setting must not lose what waits. */
  function turnedOff(): Outcome {
    if (pause.begin()) log.warn('MAIL is off, and mail of before waits until it expires');
    return { kind: 'again', smtpReplyCode: null, lastError: 'MAIL is off.', isUnknown: false };
  }

  return {
    async send(mail, signal) {
      if (taken.has(mail.id)) return ended(sent(taken.get(mail.id)), false);
      const ending = await decideWithoutTry(app, mail);
      if (ending) return ended(ending, false);
      if (mailer.mode === 'off') return turnedOff();
      const message = render(app, mail);
      if ('state' in message) return ended(message, false);
      return signal.aborted ? { kind: 'released' } : deliver(mail, message); // once begun, it is sent, though the server may be stopping
    },
    forget: (id) => void taken.delete(id),
  };
}

function ended(ending: Ending, wasTried: boolean): Outcome {
  return { kind: 'ended', ending, wasTried };
}

function sent(reply: number | null | undefined): Ending {
  return { state: 'sent', smtpReplyCode: reply ?? null };
}

/** What is to become of a mail without a try, if anything. */
async function decideWithoutTry({ db, now }: SenderApp, mail: MailMessage): Promise<Ending | null> {
  if (mail.expiresAt <= now()) return { state: 'expired', lastError: mail.lastError };
  if (await isEnded(db, mail)) return { state: 'cancelled' };
  if (mail.unanswered < maxUnanswered) return null;
  return { state: 'failed', lastError: 'Three times it was not known whether it was sent.' };
}

function render({ config, secrets, templates, now }: SenderApp, mail: MailMessage): Message | Ending {
  try {
    const { id, template, address, sealedParameters } = mail;
    const parameters = secrets.openSecret('mail parameters', id, sealedParameters ?? '').toString();
    const content = { ...JSON.parse(parameters, reviveTime), template } as MailContent;
    return toMessage(config, templates, { ...mail, address: address ?? '' }, content, now());
  } catch (error) {
    if (error instanceof Undeliverable || error instanceof Unsealable)
      return { state: 'failed', lastError: error.message };
    throw error;
  }
}

function reviveTime(key: string, value: unknown): unknown {
  return key === 'expiresAt' ? new Date(value as string) : value;
}
