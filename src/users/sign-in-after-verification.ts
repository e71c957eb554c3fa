import { guessCode } from '../codes/guess.ts';
import { setOf } from '../codes/live.ts';
import { findToken, findUnused, useCode } from '../codes/use.ts';
import type { OneTimeCode, Transaction } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { DomainError } from '../errors.ts';
import type { Principal } from '../principal/principal.ts';
import { type Authentication, completeAuthentication, type Granted } from '../sessions/authentication.ts';
import type { ClientMetadata } from '../sessions/client-metadata.ts';
import { assertMayOpenAccounts } from './access.ts';
import { countSignIn, enter } from './enter.ts';
import { attemptWithCode } from './password-attempt.ts';
import { missedCode, refuseCode, type SignInRequest } from './sign-in-with-code.ts';
import { verifyAddress } from './update-within.ts';
import type { UsersApp } from './users-app.ts';

interface Given {
  readonly code: string;
  readonly pendingAuthenticationToken: string;
}

/**
 * Goes on with a sign-in whose password was right and whose address was not verified: the code that was mailed verifies it. The
 * password and other sessions stay. Throws `invalid_pending_authentication_token` for a token that does not count, or any more.
 */
export async function authenticateWithEmailVerification(
  app: UsersApp,
  principal: Principal,
  { code, pendingAuthenticationToken: token }: Given,
  client: ClientMetadata,
  query: UserQuery = {},
): Promise<Authentication> {
  assertMayOpenAccounts(principal);
  const pending = await findUnused(app, 'pending_authentication', token);
  if (!pending) throw invalidToken();
  const { emailCanonical } = pending;
  const userId = pending.userId as string; // no sign-in without user waits for a code
  const verdict = await guessCode(app, {
    set: setOf('email_verification', { userId, emailCanonical }),
    code,
    attempt: { ...attemptWithCode(principal, userId, client), isProven: true }, // the password was right
    address: emailCanonical,
  });
  if (verdict.kind !== 'right') {
    const told = { principal, address: pending.email, canonicalEmail: emailCanonical, client };
    return refuseCode(app, 'authentication.email_verification_failed', told, verdict.kind);
  }
  await countSignIn(app, client);
  const signer = await app.signingKeys.signer(app.now());
  const request = { principal, client, query };
  const granted = await app.db.transaction((tx) => grant(app, tx, { token, userId, row: verdict.row }, request));
  return completeAuthentication(app, signer, granted);
}

interface Proven {
  readonly token: string;
  readonly userId: string;
  readonly row: OneTimeCode;
}

async function grant(
  app: UsersApp,
  tx: Transaction,
  { token, userId, row }: Proven,
  { principal, client, query }: SignInRequest,
): Promise<Granted> {
  await tx.statements.lock([userId]);
  await useCode(app, tx, await getPending(app, tx, token));
  if (!(await useCode(app, tx, row))) throw missedCode('used');
  await verifyAddress(app, tx, principal, userId);
  return enter(app, tx, userId, { method: 'email_verification', principal, client, query });
}

async function getPending(app: UsersApp, tx: Transaction, token: string): Promise<OneTimeCode> {
  const pending = await findToken(app, tx, 'pending_authentication', token);
  if (!pending) throw invalidToken();
  return pending;
}

function invalidToken(): DomainError {
  const message = 'The sign-in that waits for this code has expired, or was gone on with. Sign in again.';
  return new DomainError('invalid_pending_authentication_token', message, { field: 'pendingAuthenticationToken' });
}
