import { z } from 'zod';
import { emailAddress, headerText, linkedPage, smtpUrl, supportLink } from '../mail-setting-rules.ts';
import { flag } from '../setting-rules.ts';

export const mailSettings = {
  MAIL: z
    .enum(['smtp', 'log', 'off'])
    .optional()
    .describe(
      '`smtp` sends mail by `SMTP_URL`; `log` prints it to the terminal instead, and not in `production`; `off` sends none: codes are read by the API only. Unset: `smtp` where `SMTP_URL` is set, else `log` in `development` and `off` elsewhere.',
    ),
  SMTP_URL: smtpUrl
    .optional()
    .describe(
      'The mail server: `smtps://user:password@host`, or `smtp://…`, which must offer STARTTLS unless it is on this machine. Special characters of the password percent-encoded.',
    ),
  MAIL_FROM: emailAddress.optional().describe('The address that mail comes from. Required with `SMTP_URL`.'),
  MAIL_FROM_NAME: headerText
    .default('Roster')
    .describe('The name that mail comes from, which it also signs with: what your users call your product.'),
  MAIL_REPLY_TO: emailAddress.optional().describe('Where answers to a mail go. Unset: to `MAIL_FROM`.'),
  MAIL_SUPPORT_URL: supportLink
    .optional()
    .describe(
      'A page of yours, or `mailto:` and an address, that a mail names for when it was not the user. Unset: it says to answer the mail where `MAIL_REPLY_TO` is set, else nothing.',
    ),
  MAIL_LOCALE: z
    .string()
    .regex(/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i, 'expected a language such as en or pt-BR')
    .default('en')
    .describe(
      'The language of mail to users without a locale, or with one that there are no texts for: `en`, `de`, `fr`, `es`, or one of `MAIL_TEMPLATES`.',
    ),
  MAIL_NOTICES: flag
    .default(true)
    .describe(
      'Whether users are told by mail of changes to how they sign in: the address, the password, identities. `false` where your product tells them.',
    ),
  MAIL_OPERATOR: emailAddress
    .optional()
    .describe(
      'Your own address, which is told when Roster disables a webhook endpoint, also without `MAIL_NOTICES`. Unset: the log alone says so.',
    ),
  MAIL_TEMPLATES: z
    .string()
    .min(1)
    .optional()
    .describe('A folder whose files replace texts of the mails, as docs/mail.md says. Unset: those of Roster.'),
  PASSWORD_RESET_URL: linkedPage
    .optional()
    .describe(
      'The page of yours where a forgotten password is replaced; a mail links to it with `?token=…` added. Required with `SMTP_URL`; unset, as with `MAIL=log` or `off`: `http://127.0.0.1:5173/reset-password`.',
    ),
};
