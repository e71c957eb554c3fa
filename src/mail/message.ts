import { passwordResetUrl } from '../config/password-reset-url.ts';
import type { Config } from '../config/settings.ts';
import type { MailContent } from '../outbox/mail-content.ts';
import { parseEmail } from '../users/email.ts';
import { compose } from './compose.ts';
import { html } from './html.ts';
import { chooseTexts } from './locales.ts';
import { plainText } from './plain-text.ts';
import type { Templates } from './template-folder.ts';

/** A mail as it goes out. */
export interface Message {
  /** The same for every attempt to send it, so that a mailbox can tell that two are one. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export type MessageConfig = Pick<
  Config,
  'MAIL_FROM' | 'MAIL_FROM_NAME' | 'MAIL_LOCALE' | 'MAIL_REPLY_TO' | 'MAIL_SUPPORT_URL' | 'PASSWORD_RESET_URL'
>;

/** What is said of one mail beside its content. */
export interface Addressed {
  readonly id: string;
  readonly address: string;
  readonly locale: string | null;
  readonly createdAt: Date;
}

/** Where mail comes from when it is printed. */
export const developmentSender = 'roster@localhost';

export function toMessage(
  config: MessageConfig,
  { locales, frame }: Templates,
  { id, address, locale, createdAt }: Addressed,
  content: MailContent,
  now: Date,
): Message {
  const mail = compose(content, chooseTexts(locales, locale, config.MAIL_LOCALE), {
    product: config.MAIL_FROM_NAME,
    address,
    createdAt,
    now,
    support: config.MAIL_SUPPORT_URL ?? (config.MAIL_REPLY_TO ? 'reply' : null),
    passwordResetUrl: (token) => passwordResetUrl(config, token),
  });
  const domain = (config.MAIL_FROM ?? developmentSender).split('@')[1];
  return {
    messageId: `<${id}@${domain}>`,
    to: toMailbox(address),
    subject: mail.subject,
    text: plainText(mail),
    html: html(mail, frame ?? undefined),
  };
}

/** An address that is no longer one, by the rules of today. */
export class Undeliverable extends Error {
  override readonly name = 'Undeliverable';

  constructor() {
    super('The address is none that mail is sent to.');
  }
}

/** The address as mail servers take it: the domain as A-label. What is not an address is refused again, here at the last moment. */
function toMailbox(address: string): string {
  const parsed = parseEmail(address);
  if (!parsed) throw new Undeliverable();
  return `${parsed.address.split('@')[0]}@${parsed.canonical.split('@')[1]}`;
}
