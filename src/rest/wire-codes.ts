import type { Made } from '../codes/create.ts';
import type { OneTimeCode } from '../db/database.ts';
import type { EmailChange, PendingChange } from '../users/email-change.ts';
import { type Field, field, presentFields, presentUser } from './wire.ts';

const string = { type: 'string' };
const moment = { type: 'string', format: 'date-time' };

/** What is shown of a code that was mailed, to a backend that sends mails itself. */
export const codeOutputs = {
  id: field('id', 'The name of its kind and a ULID.', string),
  user_id: field('userId', 'The user.', string),
  email: field('email', 'The address that it was mailed to.', string),
  expires_at: field('expiresAt', 'When it is of no use any more.', moment),
  created_at: field('createdAt', 'When it was made.', moment),
  updated_at: field('createdAt', 'When it was made: it does not change.', moment),
} satisfies Record<string, Field<keyof OneTimeCode>>;

const { updated_at: _, ...resetOutputs } = codeOutputs;

export { resetOutputs };

/** A link by which a password is replaced, as REST shows it. */
export function presentReset({ row, secret }: Made, url: string): Record<string, unknown> {
  const shown = presentFields(resetOutputs, row);
  return { object: 'password_reset', ...shown, password_reset_token: secret, password_reset_url: url };
}

/** A code as REST shows it. */
export function presentCode(
  object: 'email_verification' | 'magic_auth',
  { row, secret }: Made,
): Record<string, unknown> {
  return { object, ...presentFields(codeOutputs, row), code: secret };
}

/** What is shown of a change that waits for its code, besides the user. The code is only ever mailed. */
export const changeOutputs = {
  new_email: field('newEmail', 'The address to change to.', string),
  expires_at: field('expiresAt', 'When the code is of no use any more.', moment),
  created_at: field('createdAt', 'When the change was asked for.', moment),
} satisfies Record<string, Field<keyof PendingChange>>;

/** A change that waits for its code, as REST shows it. */
export function presentEmailChange(change: EmailChange): Record<string, unknown> {
  return { object: 'email_change', user: presentUser(change.user), ...presentFields(changeOutputs, change) };
}
