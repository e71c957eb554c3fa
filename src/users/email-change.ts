import { createCode, type Holder, type Made, type RequestedBy } from '../codes/create.ts';
import { asSend } from '../codes/send.ts';
import { endOtherCodes } from '../codes/use.ts';
import { mailMode } from '../config/mail-mode.ts';
import type { OneTimeCode, Transaction, User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { DomainError } from '../errors.ts';
import { maskEmail } from '../outbox/mail-content.ts';
import { recipient } from '../outbox/outbox.ts';
import { type Actor, actingUser } from '../principal/principal.ts';
import { assertMayActOn } from './access.ts';
import { emailNotAvailable } from './conflicts.ts';
import { findWithPassword } from './current-password.ts';
import type { EmailAddress } from './email.ts';
import { readAddress } from './fields.ts';
import { findByAddress } from './find.ts';
import { getLockedUser } from './locked-user.ts';
import { networkWithoutKey } from './password-attempt.ts';
import { assertStillAuthenticated, reauthenticate } from './reauthentication.ts';
import { requesterOf } from './requester.ts';
import { emailManaged, userNotFound } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

/** The codes of a change: that of the address so far, where it has to agree, and that of the new one. */
export const changePurposes = ['email_change', 'email_change_approval'] as const;
type ChangePurpose = (typeof changePurposes)[number];

/** A change that waits for its code. */
export interface PendingChange {
  readonly newEmail: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** The same with the user, as they are so far. */
export interface EmailChange extends PendingChange {
  readonly user: User;
}

/** What a code of a change says of it. */
export function pendingChange({ email, createdAt, expiresAt }: OneTimeCode): PendingChange {
  return { newEmail: email, createdAt, expiresAt };
}

interface Wanted {
  readonly newEmail: string;
  readonly currentPassword?: string | null | undefined;
}

/**
 * Has a code mailed to the address that a user wants to change to, and tells the one so far; where `EMAIL_CHANGE_CONFIRM` is
 * `both`, and that one is verified, it has to agree first. What was asked for before is replaced. A signed-in user proves once more
 * who they are, and does not hear whether somebody has the address: that one is told.
 */
export async function sendEmailChange(
  app: UsersApp,
  actor: Actor,
  id: string,
  { newEmail, currentPassword }: Wanted,
  query: UserQuery = {},
): Promise<EmailChange> {
  assertMayActOn(actor, id);
  const to = readAddress(newEmail, 'newEmail');
  const user = await findWithPassword(app, id);
  if (!user) throw userNotFound(id);
  const verifiedHash = await reauthenticate(app, actor, user, currentPassword ?? undefined);
  assertMayChange(app, user, to);
  const by = await requesterOf(app, actor, { userId: id, canonical: user.emailCanonical });
  const { requester } = by;
  const send = {
    purpose: 'email_change',
    requester,
    userId: id,
    address: to.canonical,
    network: networkWithoutKey(actor),
  };
  return asSend(app, send, () =>
    app.db.transaction(async (tx) => {
      const locked = await getLockedUser(tx, id);
      await assertStillAuthenticated(app, tx, actor, id, verifiedHash);
      assertMayChange(app, locked, to);
      if (!actingUser(actor) && (await findByAddress(tx.prisma, to.canonical))) throw emailNotAvailable('newEmail');
      const { row } = await start(app, tx, locked, to, by);
      const change = pendingChange(row);
      await app.events.record(tx, actor, [{ type: 'email_change.created', user: locked, change }]);
      const shown = await tx.prisma.user.findUniqueOrThrow({ where: { id }, ...query });
      return { user: shown, ...change };
    }),
  );
}

/** Where no mail is sent nobody could ever know the code: the API does not show it. */
function assertMayChange({ config }: UsersApp, user: User, { canonical }: EmailAddress): void {
  if (user.managed) throw emailManaged('newEmail');
  if (mailMode(config) === 'off') {
    const message =
      'No mail is sent here (MAIL=off), and this code goes by mail alone. A backend sets the email itself.';
    throw new DomainError('email_change_not_allowed', message, { field: 'newEmail' });
  }
  if (user.emailCanonical === canonical)
    throw new DomainError('email_change_not_needed', 'This is the email of the user already.', { field: 'newEmail' });
}

async function start(
  app: UsersApp,
  tx: Transaction,
  user: User,
  { address, canonical }: EmailAddress,
  by: RequestedBy,
): Promise<Made> {
  const holder: Changing = { userId: user.id, email: address, emailCanonical: canonical, by };
  const needsApproval = app.config.EMAIL_CHANGE_CONFIRM === 'both' && user.emailVerified;
  return needsApproval ? mailApproval(app, tx, user, holder) : mailCodeAndNotice(app, tx, user, holder);
}

/** The address that a user changes to, and who asks for that. */
interface Changing extends Holder {
  readonly by: RequestedBy;
}

async function mailApproval(app: UsersApp, tx: Transaction, user: User, holder: Changing): Promise<Made> {
  const { row, secret: code } = await createPending(app, tx, 'email_change_approval', holder);
  const newEmail = maskEmail(holder.email);
  const content = { template: 'email-change-approval', code, newEmail, expiresAt: row.expiresAt } as const;
  await app.outbox.queueMail(tx, { ...recipient(user), cause: row.id, content });
  return { row, secret: code };
}

async function mailCodeAndNotice(app: UsersApp, tx: Transaction, user: User, holder: Changing): Promise<Made> {
  const made = await mailChangeCode(app, tx, user, holder);
  const content = { template: 'email-change-requested', newEmail: maskEmail(holder.email) } as const;
  await app.outbox.queueMail(tx, { ...recipient(user), cause: made.row.id, content });
  return made;
}

/** Within a transaction that has locked the user: mails the code that makes the new address theirs, or tells whoever has it. */
export async function mailChangeCode(app: UsersApp, tx: Transaction, user: User, holder: Changing): Promise<Made> {
  const { row, secret: code } = await createPending(app, tx, 'email_change', holder);
  const owner = await findByAddress(tx.prisma, holder.emailCanonical);
  const content = { template: 'email-change', code, expiresAt: row.expiresAt } as const;
  const mail = owner
    ? { ...recipient(owner), content: { template: 'email-taken' } as const }
    : { ...recipient(user, holder), content };
  await app.outbox.queueMail(tx, { ...mail, cause: row.id });
  return { row, secret: code };
}

/** There is one pending change: what was given out for an earlier one ends. What was tried of that counts for this one, too. */
async function createPending(app: UsersApp, tx: Transaction, purpose: ChangePurpose, holder: Changing): Promise<Made> {
  const made = await createCode(app, tx, purpose, holder, holder.by);
  await endOtherCodes(app, tx, changePurposes, made.row);
  return made;
}
