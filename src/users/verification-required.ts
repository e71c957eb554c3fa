import { createToken, holderOf } from '../codes/create.ts';
import { findNewestLive, setOf } from '../codes/live.ts';
import { makeCode, sendCode } from '../codes/send.ts';
import type { OneTimeCode, Transaction, User } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import type { Reservation } from '../limits/reservation.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import type { Principal } from '../principal/principal.ts';
import type { ClientMetadata } from '../sessions/client-metadata.ts';
import { networkWithoutKey } from './password-attempt.ts';
import { provenRequester } from './requester.ts';
import type { UsersApp } from './users-app.ts';

const purpose = 'email_verification';

interface Caller {
  readonly principal: Principal;
  readonly client: ClientMetadata;
}

/**
 * After a right password whose address is not verified: has a code mailed, and answers the error, with a token that goes on with
 * this sign-in once the code is there. Null when user or password changed meanwhile.
 */
export async function requireVerification(
  app: UsersApp,
  user: User,
  verified: StoredPassword,
  caller: Caller,
): Promise<DomainError | null> {
  const { principal } = caller;
  const reservation = await reserveSend(app, user, principal);
  try {
    return await app.db.transaction(async (tx) => {
      const [locked] = await tx.statements.lock([user.id]);
      const password = await tx.prisma.password.findUnique({ where: { userId: user.id } });
      if (locked?.emailCanonical !== user.emailCanonical || locked.emailVerified) return null;
      if (password?.hash !== verified.hash) return null;
      const code = reservation
        ? (await sendCode(app, tx, principal, wantedBy(caller, locked))).row
        : await liveCode(app, tx, caller, locked);
      const { secret } = await createToken(app, tx, 'pending_authentication', holderOf(locked));
      return verificationRequired(locked, code, secret);
    });
  } catch (error) {
    await reservation?.giveBack();
    throw error;
  }
}

/** Null where too much was sent: whoever has the right password is never told to wait for that. */
async function reserveSend(app: UsersApp, user: User, principal: Principal): Promise<Reservation | null> {
  const network = networkWithoutKey(principal);
  const send = { purpose, requester: 'owner' as const, userId: user.id, address: user.emailCanonical, network };
  return app.sendLimits.reserve(send).catch((error) => {
    if (error instanceof DomainError && error.code === 'daily_quota_exceeded') return null;
    throw error;
  });
}

/** The code that was mailed lately; where there is none, one that goes by no mail, for a backend that sends its own. */
async function liveCode(app: UsersApp, tx: Transaction, caller: Caller, user: User): Promise<OneTimeCode> {
  const live = await findNewestLive(app, tx, setOf(purpose, holderOf(user)));
  return live ?? (await makeCode(app, tx, caller.principal, wantedBy(caller, user))).row;
}

function wantedBy({ principal, client }: Caller, user: User) {
  return { purpose, user, by: provenRequester(principal, client) } as const;
}

function verificationRequired({ email }: User, { id }: OneTimeCode, pendingAuthenticationToken: string): DomainError {
  return new DomainError('email_verification_required', 'Email ownership must be verified before authentication.', {
    pendingAuthenticationToken,
    email,
    emailVerificationId: id,
  });
}
