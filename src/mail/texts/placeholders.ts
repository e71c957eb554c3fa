import type { MailTemplate } from '../../outbox/mail-content.ts';

const everywhere = ['product', 'address'];
const code = ['code', 'duration'];
const notice = ['time'];

/** What each kind of mail is filled with. */
export const placeholders: Readonly<Record<MailTemplate, readonly string[]>> = {
  'email-verification': [...everywhere, ...code],
  'email-change': [...everywhere, ...code],
  'email-change-approval': [...everywhere, ...code, 'newEmail'],
  'sign-in-code': [...everywhere, ...code],
  'password-reset': [...everywhere, 'duration'],
  'email-change-requested': [...everywhere, ...notice, 'newEmail'],
  'email-changed': [...everywhere, ...notice, 'newEmail', 'providers'],
  'email-taken': [...everywhere, ...notice],
  'password-changed': [...everywhere, ...notice, 'providers'],
  'password-removed': [...everywhere, ...notice, 'providers'],
  'password-reset-done': [...everywhere, ...notice, 'providers'],
  'identity-linked': [...everywhere, ...notice, 'provider'],
  'identity-unlinked': [...everywhere, ...notice, 'providers'],
  'first-code-sign-in': [...everywhere, ...notice],
  'endpoint-disabled': [...everywhere, ...notice, 'endpoint', 'url'],
};

/** The same of the texts that several mails have in common. */
export const sharedPlaceholders: readonly string[] = [...everywhere, 'duration', 'support'];

const pattern = /\{(\w+)\}/g;

export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => name as string);
}

/** A value is taken as it is: what stands in braces within it is not filled in again. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(pattern, (whole, name: string) => values[name] ?? whole);
}
