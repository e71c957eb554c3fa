import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database, MailMessage } from '../db/database.ts';
import type { JobContext } from '../jobs/types.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { MailContent } from '../outbox/mail-content.ts';
import { type Secrets, Unsealable } from '../secrets/secrets.ts';
import { type Ending, findOpenMail, finishMail, isEnded, noteAttempt, noteFailure } from './mail-rows.ts';
import type { Mailer } from './mailer.ts';
import { type Message, type MessageConfig, toMessage, Undeliverable } from './message.ts';
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
  readonly metrics: Pick<Metrics, 'mails'>;
}

/** A mail that was not sent, and is tried again; without values, as it goes into the log. */
class NotSent extends Error {
  override readonly name = 'NotSent';
}

/** An attempt ends after this long, however slowly the server talks. */
const attemptMs = 60_000;
/** So many processes may be killed while they send one mail, before it is taken for what kills them. */
const maxUnanswered = 3;
const storeTries = 5;

/** Sends a mail whose job has come. Throws NotSent where it has to be tried again. */
export function createSender(app: SenderApp, pause: Pause): (id: string, context: JobContext) => Promise<void> {
  const { db, log, mailer, metrics, now } = app;
  /** What the server has taken, while the database could not be told. */
  const taken = new Map<string, number | null>();

  async function finish({ id, template }: MailMessage, ending: Ending): Promise<void> {
    await persistently(() => finishMail(db, id, ending, now()));
    taken.delete(id);
    metrics.mails.add(1, { template, outcome: ending.state });
    tellEnding(log, id, template, ending);
  }

  async function deliver(mail: MailMessage, message: Message): Promise<void> {
    try {
      const reply = await mailer.send(message, AbortSignal.timeout(attemptMs));
      taken.set(mail.id, reply);
      pause.end();
      await finish(mail, sent(reply));
    } catch (error) {
      if (taken.has(mail.id)) throw error; // of the database
      const { kind, replyCode, reason } = toSmtpFailure(error);
      if (kind === 'refused') return finish(mail, { state: 'failed', smtpReplyCode: replyCode, lastError: reason });
      if (kind === 'away' && pause.begin()) log.warn({ reason }, 'the mail server is away, and mail waits');
      if (kind === 'deferred') pause.end();
      await persistently(() => noteFailure(db, mail.id, replyCode, reason));
      throw new NotSent(reason);
    }
  }

  return async (id, { signal }) => {
    const mail = await findOpenMail(db, id);
    if (!mail) return;
    const ending = taken.has(id) ? sent(taken.get(id)) : await decideWithoutTry(app, mail);
    if (ending) return finish(mail, ending);
    const message = render(app, mail);
    if ('state' in message) return finish(mail, message);
    await noteAttempt(db, id);
    signal.throwIfAborted(); // from here on it is sent, though the server may be stopping
    await deliver(mail, message);
  };
}

function sent(reply: number | null | undefined): Ending {
  return { state: 'sent', smtpReplyCode: reply ?? null };
}

/** What is to become of a mail without a try, if anything. */
async function decideWithoutTry({ db, mailer, now }: SenderApp, mail: MailMessage): Promise<Ending | null> {
  if (mail.expiresAt <= now()) return { state: 'expired', lastError: mail.lastError };
  if (await isEnded(db, mail)) return { state: 'cancelled' };
  if (mailer.mode === 'off') return { state: 'failed', lastError: 'MAIL is off.' };
  if (mail.unanswered < maxUnanswered) return null;
  return { state: 'failed', lastError: 'Each process that sent it ended before it knew whether it was sent.' };
}

function tellEnding(log: Logger, mailId: string, template: string, ending: Ending): void {
  const line = { mailId, template, smtpReplyCode: ending.smtpReplyCode ?? undefined, reason: ending.lastError };
  if (ending.state === 'sent') log.debug(line, 'a mail was sent');
  else if (ending.state === 'cancelled')
    log.debug(line, 'a mail was not sent: what it carries was used or ended before');
  else if (ending.state === 'expired') log.warn(line, 'a mail could not be sent before what it carries expired');
  else log.error(line, 'a mail could not be sent, and is given up');
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

/** The database may be away for a moment, and what has happened has happened. */
async function persistently(write: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write();
    } catch (error) {
      if (tries === storeTries) throw error;
      await sleep(200 * tries, undefined, { ref: false });
    }
  }
}
