import type { Identity, User, UserChanges } from '../db/database.ts';
import { type MailNotice, maskEmail } from '../outbox/mail-content.ts';
import { type Mail, recipient } from '../outbox/outbox.ts';

/** A mail to the address that a user has, about what becomes of them with this version. */
export function noticeTo(user: User, version: number, content: MailNotice): Mail {
  return { ...recipient(user), cause: `${user.id} ${version}`, content };
}

interface NoticedChanges extends Pick<UserChanges, 'data' | 'unlink'> {
  /** Null where it stays as it is. */
  readonly password: object | null;
  readonly isReset: boolean;
}

/**
 * What a user is told of an update: of a new address and of a new password, both at the address before it, which is the owner's
 * where somebody else has made the change.
 */
export function noticesOf(
  user: User,
  identities: readonly Identity[],
  { data, unlink, password, isReset }: NoticedChanges,
): Mail[] {
  const tell = (content: MailNotice) => noticeTo(user, data.version as number, content);
  const isUnlinked = ({ id }: Identity) => unlink.includes(id);
  const mails: Mail[] = [];
  if (data.emailCanonical !== undefined) {
    const newEmail = maskEmail(data.email as string);
    mails.push(tell({ template: 'email-changed', newEmail, providers: providersOf(identities.filter(isUnlinked)) }));
  }
  if (password) {
    const others = identities.filter((identity) => !isUnlinked(identity));
    const template = isReset ? 'password-reset-done' : 'password-changed';
    mails.push(tell({ template, providers: providersOf(others) }));
  }
  return mails;
}

export function providersOf(identities: readonly Pick<Identity, 'provider'>[]): string[] {
  return identities.map(({ provider }) => provider);
}
