import type { MailTemplate } from '../../outbox/mail-content.ts';

/** The sentences of one kind of mail. What stands in braces is filled in: see `placeholders.ts`. */
export interface MailTexts {
  /** Never carries the code: it is shown on a locked telephone. */
  readonly subject: string;
  /** What it is about. Of a mail with a code, the code stands here and then on a line of its own. */
  readonly lead: string;
  /** What the link is called. */
  readonly action?: string;
  /** What else is to be known. */
  readonly details?: string;
  /** The same where there are identities to name. */
  readonly withProviders?: string;
  /** In the place of `details`, of an endpoint that said itself that it is gone. */
  readonly whenGone?: string;
  /** What to do for somebody who did not cause it. */
  readonly notYou: string;
}

/** The sentences that several mails have in common. */
export interface SharedTexts {
  readonly greeting: string;
  readonly codeLife: string;
  readonly linkLife: string;
  /** Follows the link in HTML, for mail programs whose buttons do not work. */
  readonly linkAgain: string;
  /** Where to turn to: a page, an address, or an answer to the mail. */
  readonly supportPage: string;
  readonly supportAddress: string;
  readonly supportReply: string;
  readonly sentTo: string;
}

/** Everything that mails say in one language. */
export interface LocaleTexts {
  readonly shared: SharedTexts;
  readonly mails: Readonly<Record<MailTemplate, MailTexts>>;
}
