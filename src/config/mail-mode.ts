import type { Config } from './settings.ts';

export type MailMode = NonNullable<Config['MAIL']>;

/** The settings that decide what becomes of mail. */
export type MailModeSettings = Pick<Config, 'MAIL' | 'SMTP_URL' | 'NODE_ENV'>;

/** What becomes of mail, where `MAIL` says nothing, too. */
export function mailMode({ MAIL, SMTP_URL, NODE_ENV }: Partial<MailModeSettings>): MailMode {
  if (MAIL) return MAIL;
  if (SMTP_URL) return 'smtp';
  return NODE_ENV === 'development' ? 'log' : 'off';
}

/** What becomes of mail, in words for whoever starts the server; never with the password of `SMTP_URL`. */
export function describeMail(config: MailModeSettings): string {
  const inWords = {
    smtp: () => `sent by ${new URL(config.SMTP_URL ?? '').host}`,
    log: () => 'not sent, but printed here',
    off: () => 'off: your backend reads codes by the API',
  };
  return inWords[mailMode(config)]();
}
