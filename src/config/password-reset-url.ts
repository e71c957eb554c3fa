import type { Config } from './settings.ts';

/** Where the account page of the example runs. */
const developmentPage = 'http://127.0.0.1:5173/reset-password';

/** The link by which a password is replaced. Only the setting says where to: what a request says of its host counts for nothing. */
export function passwordResetUrl({ PASSWORD_RESET_URL }: Pick<Config, 'PASSWORD_RESET_URL'>, token: string): string {
  const url = new URL(PASSWORD_RESET_URL ?? developmentPage);
  url.searchParams.set('token', token);
  return url.href;
}
