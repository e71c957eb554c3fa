import { guessCode, type Miss } from '../codes/guess.ts';
import { invalidateCodes } from '../codes/invalidation.ts';
import { setOf } from '../codes/live.ts';
import { useCode } from '../codes/use.ts';
import type { OneTimeCode, Transaction, User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import type { Principal } from '../principal/principal.ts';
import { type Authentication, completeAuthentication, type Granted } from '../sessions/authentication.ts';
import type { ClientMetadata } from '../sessions/client-metadata.ts';
import { assertMayOpenAccounts } from './access.ts';
import { missedBy } from './code-errors.ts';
import { disarm } from './disarm.ts';
import { noAddress, parseEmail } from './email.ts';
import { countSignIn, enter } from './enter.ts';
import { findByAddress } from './find.ts';
import { noticeTo } from './notices.ts';
import { attemptWithCode } from './password-attempt.ts';
import { type RefusalType, recordRefusal, signedIn, type ToldSignIn } from './sign-in-events.ts';
import { verifyAddress } from './update-within.ts';
import type { UsersApp } from './users-app.ts';

/** Who signs in, and what their answer has of the user. */
export interface SignInRequest {
  readonly principal: Principal;
  readonly client: ClientMetadata;
  readonly query: UserQuery;
}

/**
 * Signs in the user of this address by the code that was mailed there, which verifies the address: whoever registered it
 * before without proving it is out, see `disarm`. The errors are the same where nobody has the address.
 */
export async function authenticateWithCode(
  app: UsersApp,
  principal: Principal,
  { email, code }: { readonly email: string; readonly code: string },
  client: ClientMetadata,
  query: UserQuery = {},
): Promise<Authentication> {
  assertMayOpenAccounts(principal);
  const { address, canonical: emailCanonical } = parseEmail(email) ?? noAddress;
  const user = await findByAddress(app.db.reader, emailCanonical);
  const userId = user && !user.managed ? user.id : null;
  const verdict = await guessCode(app, {
    set: setOf('magic_auth', { userId, emailCanonical }),
    code,
    attempt: attemptWithCode(principal, userId ?? emailCanonical, client),
    address: emailCanonical,
  });
  if (verdict.kind !== 'right') {
    const told = { principal, address, canonicalEmail: emailCanonical, client };
    return refuseCode(app, 'authentication.magic_auth_failed', told, verdict.kind);
  }
  await countSignIn(app, client);
  const signer = await app.signingKeys.signer(app.now());
  const request = { principal, client, query };
  const granted = await app.db.transaction((tx) => grant(app, tx, verdict.row, request));
  return completeAuthentication(app, signer, granted);
}

/** Whoever changes the user, or ends their sessions, either sees this one or comes first. */
async function grant(
  app: UsersApp,
  tx: Transaction,
  row: OneTimeCode,
  { principal, client, query }: SignInRequest,
): Promise<Granted> {
  const [user] = await tx.statements.lock([row.userId ?? '']);
  if (!user || !(await useCode(app, tx, row))) throw missedCode('used');
  await tellOfFirst(app, tx, user);
  if (!user.emailVerified) {
    await disarm(app, tx, signedIn(principal, user.id), user);
    await verifyAddress(app, tx, principal, user.id);
  }
  await invalidateCodes(tx, 'signed in by code', user.id, app.now());
  return enter(app, tx, user.id, { method: 'magic_auth', principal, client, query });
}

/** Whoever has signed in otherwise so far is told that now there was a code. */
async function tellOfFirst(app: UsersApp, tx: Transaction, user: User): Promise<void> {
  if (user.lastSignInAt === null) return;
  const before = await tx.prisma.session.findFirst({ where: { userId: user.id, authMethod: 'magic_code' } });
  if (before) return;
  const told = { userId: user.id, template: 'first-code-sign-in' };
  if (await tx.prisma.mailMessage.findFirst({ where: told })) return; // of whoever signs in often, sessions are removed earlier
  await app.outbox.queueMail(tx, {
    ...noticeTo(user, user.version, { template: 'first-code-sign-in' }),
    cause: user.id,
  });
}

const notRight = ['invalid_one_time_code', 'The code is not right.'] as const;

/** Why a sign-in by a code is refused. Whether there were codes lately tells that somebody has the address: only who types one hears. */
export const missedCode = missedBy({
  none: notRight,
  wrong: notRight,
  over: notRight,
  used: ['one_time_code_previously_used', 'The code was used before.'],
  expired: ['one_time_code_expired', 'The code has expired, or there is a newer one. Ask for a new code.'],
  exhausted: ['one_time_code_too_many_attempts', 'The code was tried too often. Ask for a new code.'],
});

/** Throws; records it where the code was compared, which the limits count. */
export async function refuseCode(app: UsersApp, type: RefusalType, signIn: ToldSignIn, miss: Miss): Promise<never> {
  const error = missedCode(miss);
  if (miss === 'wrong') await recordRefusal(app, type, signIn, error);
  throw error;
}
