import { guessCode } from '../codes/guess.ts';
import { setOf } from '../codes/live.ts';
import { asSend, sendCode } from '../codes/send.ts';
import { useCode } from '../codes/use.ts';
import type { User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { DomainError } from '../errors.ts';
import { lookupKey } from '../input/ids.ts';
import type { Actor } from '../principal/principal.ts';
import { unknownClient } from '../sessions/client-metadata.ts';
import { assertMayActOn } from './access.ts';
import { missedBy } from './code-errors.ts';
import { getLockedUser } from './locked-user.ts';
import { attemptWithCode, networkWithoutKey } from './password-attempt.ts';
import { requesterOf } from './requester.ts';
import { verifyAddress } from './update-within.ts';
import { userNotFound } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

const purpose = 'email_verification';

/** Has a code mailed that proves that the address is the user's; answers the user. Throws `email_already_verified`. */
export async function sendEmailVerification(
  app: UsersApp,
  actor: Actor,
  id: string,
  query: UserQuery = {},
): Promise<User> {
  assertMayActOn(actor, id);
  const user = await findUnverified(app, id, alreadyVerified);
  const address = user.emailCanonical;
  const by = await requesterOf(app, actor, { userId: id, canonical: address });
  const send = { purpose, requester: by.requester, userId: id, address, network: networkWithoutKey(actor) };
  return asSend(app, send, () =>
    app.db.transaction(async (tx) => {
      const locked = await getLockedUser(tx, id);
      if (locked.emailVerified) throw alreadyVerified();
      await sendCode(app, tx, actor, { purpose, user: locked, by });
      return tx.prisma.user.findUniqueOrThrow({ where: { id }, ...query });
    }),
  );
}

/** Verifies the address of a user by the code that was mailed there; answers the user. Passwords and sessions stay. */
export async function confirmEmailVerification(
  app: UsersApp,
  actor: Actor,
  id: string,
  code: string,
  query: UserQuery = {},
): Promise<User> {
  assertMayActOn(actor, id);
  const user = await findUnverified(app, id, previouslyVerified);
  const verdict = await guessCode(app, {
    set: setOf(purpose, { userId: id, emailCanonical: user.emailCanonical }),
    code,
    attempt: attemptWithCode(actor, id, unknownClient),
    address: user.emailCanonical,
  });
  if (verdict.kind !== 'right') throw missed(verdict.kind);
  return app.db.transaction(async (tx) => {
    await getLockedUser(tx, id);
    if (!(await useCode(app, tx, verdict.row))) throw missed('used');
    await verifyAddress(app, tx, actor, id);
    return tx.prisma.user.findUniqueOrThrow({ where: { id }, ...query });
  });
}

async function findUnverified(app: UsersApp, id: string, refusal: () => DomainError): Promise<User> {
  const user = await app.db.reader.user.findUnique({ where: { id: lookupKey(id) } });
  if (!user) throw userNotFound(id);
  if (user.emailVerified) throw refusal();
  return user;
}

/** WorkOS has no code for "tried too often": what it says of an expired one, get a new one, is what helps. */
const missed = missedBy({
  none: ['email_verification_code_incorrect', 'The code is not right.'],
  wrong: ['email_verification_code_incorrect', 'The code is not right.'],
  used: ['email_verification_code_previously_used', 'The code was used before.'],
  expired: ['email_verification_code_expired', 'The code has expired, or there is a newer one. Ask for a new code.'],
  over: ['email_verification_code_expired', 'The code has expired. Ask for a new code.'],
  exhausted: ['email_verification_code_expired', 'The code was tried too often. Ask for a new code.'],
});

function alreadyVerified(): DomainError {
  return new DomainError('email_already_verified', 'The email of this user is verified already.');
}

function previouslyVerified(): DomainError {
  return new DomainError('email_previously_verified', 'The email of this user was verified before.');
}
