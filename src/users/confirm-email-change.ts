import { guessCode, type Miss } from '../codes/guess.ts';
import type { CodePurpose } from '../codes/purposes.ts';
import { useCode } from '../codes/use.ts';
import type { OneTimeCode, Transaction, User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { lookupKey } from '../input/ids.ts';
import type { Actor } from '../principal/principal.ts';
import { unknownClient } from '../sessions/client-metadata.ts';
import { assertMayActOn } from './access.ts';
import { missedBy } from './code-errors.ts';
import { emailNotAvailable, isConflict } from './conflicts.ts';
import { changePurposes, mailChangeCode } from './email-change.ts';
import { getLockedUser } from './locked-user.ts';
import { attemptWithCode } from './password-attempt.ts';
import { assertSessionActive } from './reauthentication.ts';
import { provenRequester } from './requester.ts';
import { updateWithin } from './update-within.ts';
import { userNotFound } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

/**
 * Changes the address of a user to the one that the code was mailed to, which verifies it; answers the user. All that follows from
 * an update follows from this. Where the address so far has to agree, its code has the next one mailed, and nothing else changes.
 */
export async function confirmEmailChange(
  app: UsersApp,
  actor: Actor,
  id: string,
  code: string,
  query: UserQuery = {},
): Promise<User> {
  assertMayActOn(actor, id);
  const user = await app.db.reader.user.findUnique({ where: { id: lookupKey(id) } });
  if (!user) throw userNotFound(id);
  const pending = await findLatest(app, id);
  if (!pending) throw missed('none');
  const verdict = await guessCode(app, {
    set: { purpose: pending.purpose as CodePurpose, userId: id },
    code,
    attempt: attemptWithCode(actor, id, unknownClient),
    address: user.emailCanonical,
  });
  if (verdict.kind !== 'right') throw missed(isOfNone(verdict.kind) && isOver(pending) ? 'none' : verdict.kind);
  try {
    return await app.db.transaction((tx) => use(app, tx, { id, actor, row: verdict.row }, query));
  } catch (error) {
    throw isConflict(error) ? emailNotAvailable('email') : error;
  }
}

const unset = { sort: 'desc', nulls: 'first' } as const;

/** What was given out last for a change of this user's address, or null. */
function findLatest({ db }: UsersApp, userId: string): Promise<OneTimeCode | null> {
  return db.reader.oneTimeCode.findFirst({
    where: { userId, purpose: { in: [...changePurposes] } },
    orderBy: [{ createdAt: 'desc' }, { usedAt: unset }, { endedAt: unset }],
  });
}

function isOfNone(kind: Miss): boolean {
  return kind === 'expired' || kind === 'over';
}

function isOver({ usedAt, endedAt }: OneTimeCode): boolean {
  return usedAt !== null || endedAt !== null;
}

interface Confirmed {
  readonly id: string;
  readonly actor: Actor;
  readonly row: OneTimeCode;
}

async function use(app: UsersApp, tx: Transaction, { id, actor, row }: Confirmed, query: UserQuery): Promise<User> {
  const user = await getLockedUser(tx, id);
  await assertSessionActive(app, tx, actor);
  if (!(await useCode(app, tx, row))) throw missed('used');
  if (row.purpose === 'email_change_approval') {
    await mailChangeCode(app, tx, user, { ...row, by: provenRequester(actor) });
  } else {
    const email = { address: row.email, canonical: row.emailCanonical };
    await updateWithin(app, tx, { id, actor, fields: { email, emailVerified: true } });
  }
  return tx.prisma.user.findUniqueOrThrow({ where: { id }, ...query });
}

const missed = missedBy({
  none: ['no_pending_email_change', 'No change of the email waits for a code.'],
  wrong: ['email_change_code_incorrect', 'The code is not right.'],
  used: ['email_change_code_previously_used', 'The code was used before.'],
  expired: ['email_change_code_expired', 'The code has expired. Ask for the change again.'],
  over: ['email_change_code_expired', 'The code has expired. Ask for the change again.'],
  exhausted: ['email_change_too_many_attempts', 'The code was tried too often. Ask for the change again.'],
});
