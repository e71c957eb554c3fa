import { mailMode } from '../config/mail-mode.ts';
import type { Config } from '../config/settings.ts';
import type { NewMail, Transaction, User } from '../db/database.ts';
import { newId } from '../input/ids.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { isForOperator, isNoticeTemplate, type MailContent, type MailTemplate } from './mail-content.ts';

/** A notice tells of what stays true: a server that is away over a weekend does not lose it. */
const noticeLifeMs = 3 * 24 * 3_600_000;

/** A mail that is to be sent. */
export interface Mail {
  readonly to: string;
  /** Whom it is about; null where there is no user. */
  readonly userId: string | null;
  /** The user's; null for the default. */
  readonly locale: string | null;
  /**
   * What it is sent for: an id, with the version of the user where that is what changed. It comes about once, in the transaction
   * that the mail is a row of: so there is one mail of a cause and template.
   */
  readonly cause: string;
  readonly content: MailContent;
}

/** Whom a mail is about, in which language, and where it goes: to their own address where nothing else is said. */
export function recipient(
  user: Pick<User, 'id' | 'locale' | 'email'>,
  { email }: Pick<User, 'email'> = user,
): Pick<Mail, 'to' | 'userId' | 'locale'> {
  return { to: email, userId: user.id, locale: user.locale };
}

const noMails: readonly NewMail[] = [];

export interface Outbox {
  /** Within the transaction of its cause: has a mail sent after the commit. With `MAIL=off` nothing is written. */
  queueMail(tx: Transaction, mail: Mail): Promise<void>;
  /**
   * The rows of mails of this moment, yet to be written; none of those that are not sent with these settings. Reads no clock: a
   * decision that they are a part of may be made again.
   */
  rowsOf(mails: readonly Mail[], now: Date): readonly NewMail[];
  /** After the commit of such rows: has them looked at. */
  wake(): void;
}

export type OutboxConfig = Pick<Config, 'MAIL' | 'SMTP_URL' | 'NODE_ENV' | 'MAIL_NOTICES'>;

interface Given {
  readonly config: OutboxConfig;
  readonly secrets: Secrets;
  readonly now: () => Date;
  readonly wake: () => void;
}

export function createOutbox({ config, secrets, now, wake }: Given): Outbox {
  const isOff = mailMode(config) === 'off';
  const isUnwanted = (template: MailTemplate) =>
    !config.MAIL_NOTICES && isNoticeTemplate[template] && !isForOperator(template);
  const isSent = ({ content }: Mail) => !isOff && !isUnwanted(content.template);

  const rowsOf = (mails: readonly Mail[], at: Date) =>
    mails.length === 0 ? noMails : mails.filter(isSent).map((mail) => newMail(mail, secrets, at));

  return {
    rowsOf,
    wake,
    async queueMail({ statements, afterCommit }, mail) {
      const mailMessage = rowsOf([mail], now());
      if (mailMessage.length === 0) return;
      await statements.insert({ mailMessage });
      afterCommit(wake);
    },
  };
}

function newMail({ to, userId, locale, cause, content }: Mail, secrets: Secrets, now: Date): NewMail {
  const { id, createdAt } = newId('mail', now);
  const { template, ...parameters } = content;
  return {
    id,
    userId,
    template,
    locale,
    address: to,
    sealedParameters: secrets.sealSecret('mail parameters', id, JSON.stringify(parameters)),
    cause,
    createdAt,
    dueAt: now, // the id's own time is ahead where the clock was set back
    expiresAt: 'expiresAt' in content ? content.expiresAt : new Date(createdAt.getTime() + noticeLifeMs),
  };
}
