import { mailMode } from '../config/mail-mode.ts';
import type { Config } from '../config/settings.ts';
import type { MailMessage, NewRows, Transaction, User } from '../db/database.ts';
import { newId } from '../input/ids.ts';
import { newJobRow } from '../jobs/enqueue.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { isForOperator, isNoticeTemplate, type MailContent, type MailTemplate } from './mail-content.ts';

/** A notice tells of what stays true: a server that is away over a weekend does not lose it. */
const noticeLifeMs = 3 * 24 * 3_600_000;

/** A mail that is to be sent. */
export interface Mail {
  readonly to: { readonly address: string; readonly canonical: string };
  /** Whom it is about; null where there is no user. */
  readonly userId: string | null;
  /** The user's; null for the default. */
  readonly locale: string | null;
  /** What it is sent for: an id, with the version of the user where that is what changed. Of one cause and template there is one mail. */
  readonly cause: string;
  readonly content: MailContent;
}

type Address = Pick<User, 'email' | 'emailCanonical'>;

/** Whom a mail is about, in which language, and where it goes: to their own address where nothing else is said. */
export function recipient(
  user: Pick<User, 'id' | 'locale'> & Address,
  { email, emailCanonical }: Address = user,
): Pick<Mail, 'to' | 'userId' | 'locale'> {
  return { to: { address: email, canonical: emailCanonical }, userId: user.id, locale: user.locale };
}
type MailRows = Pick<NewRows, 'mailMessage' | 'job'>;

const noRows: MailRows = { mailMessage: [], job: [] };

export interface Outbox {
  /** Within the transaction of its cause: has a mail sent after the commit. With `MAIL=off` nothing is written. */
  queueMail(tx: Transaction, mail: Mail): Promise<void>;
  /**
   * The rows of mails of this moment and of the jobs that send them, yet to be written; none of those that are not sent with
   * these settings. Reads no clock: a decision that they are a part of may be made again.
   */
  rowsOf(mails: readonly Mail[], now: Date): MailRows;
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

  function rowsOf(mails: readonly Mail[], at: Date): MailRows {
    if (mails.length === 0) return noRows;
    const mailMessage = mails.filter(isSent).map((mail) => newMailMessage(mail, secrets, at));
    return { mailMessage, job: mailMessage.map(({ id }) => newJobRow({ kind: 'mail.send', payload: { id } }, at)) };
  }

  return {
    rowsOf,
    wake,
    async queueMail({ statements, afterCommit }, mail) {
      const rows = rowsOf([mail], now());
      if (rows.mailMessage.length === 0) return;
      await statements.insert(rows);
      afterCommit(wake);
    },
  };
}

function newMailMessage({ to, userId, locale, cause, content }: Mail, secrets: Secrets, now: Date): MailMessage {
  const { id, createdAt } = newId('mail', now);
  const { template, ...parameters } = content;
  return {
    id,
    userId,
    template,
    locale,
    address: to.address,
    addressHash: secrets.hmacOf('mail address', to.canonical),
    sealedParameters: secrets.sealSecret('mail parameters', id, JSON.stringify(parameters)),
    dedupeKey: `${template} ${cause}`,
    state: 'queued',
    attempts: 0,
    unanswered: 0,
    smtpReplyCode: null,
    lastError: null,
    createdAt,
    expiresAt: 'expiresAt' in content ? content.expiresAt : new Date(createdAt.getTime() + noticeLifeMs),
    finishedAt: null,
  };
}
