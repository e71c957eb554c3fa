import type { Config } from './settings.ts';

export type MailMode = NonNullable<Config['MAIL']>;

/** What becomes of mail, where `MAIL` says nothing, too. */
export function mailMode({
  MAIL,
  SMTP_URL,
  NODE_ENV,
}: Partial<Pick<Config, 'MAIL' | 'SMTP_URL' | 'NODE_ENV'>>): MailMode {
  if (MAIL) return MAIL;
  if (SMTP_URL) return 'smtp';
  return NODE_ENV === 'development' ? 'log' : 'off';
}
