import type { Transaction, User } from '../db/database.ts';
import type { Send } from '../limits/send-limits.ts';
import { recipient } from '../outbox/outbox.ts';
import type { Actor } from '../principal/principal.ts';
import type { CodesApp } from './codes-app.ts';
import { createCode, holderOf, type Made, type RequestedBy } from './create.ts';

/** The mail of each code that goes to the user's own address. */
const templates = { email_verification: 'email-verification', magic_auth: 'sign-in-code' } as const;

/**
 * Sends something, as far as the limits let it: throws `daily_quota_exceeded` where too much was sent, and counts nothing where
 * `work` throws.
 */
export async function asSend<T>({ sendLimits }: CodesApp, send: Send, work: () => Promise<T>): Promise<T> {
  const reservation = await sendLimits.reserve(send);
  try {
    return await work();
  } catch (error) {
    await reservation.giveBack();
    throw error;
  }
}

/** What a code is made for. */
interface Wanted {
  readonly purpose: keyof typeof templates;
  readonly user: User;
  readonly by: RequestedBy;
}

/** Within a transaction that has locked the user: makes a code for their address, and records that there is one. */
export async function makeCode(
  app: CodesApp,
  tx: Transaction,
  actor: Actor,
  { purpose, user, by }: Wanted,
): Promise<Made> {
  const made = await createCode(app, tx, purpose, holderOf(user), by);
  await app.events.record(tx, actor, [{ type: `${purpose}.created`, user, code: made.row }]);
  return made;
}

/** Within a transaction that has locked the user: makes a code, and has it mailed to their address. */
export async function sendCode(app: CodesApp, tx: Transaction, actor: Actor, wanted: Wanted): Promise<Made> {
  const made = await makeCode(app, tx, actor, wanted);
  await app.outbox.queueMail(tx, {
    ...recipient(wanted.user),
    cause: made.row.id,
    content: { template: templates[wanted.purpose], code: made.secret, expiresAt: made.row.expiresAt },
  });
  return made;
}
