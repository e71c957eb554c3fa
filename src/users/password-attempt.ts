import { isIP } from 'node:net';
import type { User } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import type { CodeAttempt, PasswordAttempt } from '../limits/sign-in-limits.ts';
import { networkOf } from '../principal/network.ts';
import { type Actor, actingUser, countedSessionOf, isTrusted, type Principal } from '../principal/principal.ts';
import type { ClientMetadata } from '../sessions/client-metadata.ts';
import { hasSignedInFrom } from '../sessions/known-networks.ts';
import type { UsersApp } from './users-app.ts';

/** A sign-in at this address; a backend passes on where its user calls from, and may not know. */
export function attemptToSignIn(
  principal: Principal,
  address: string | null,
  { ipAddress }: ClientMetadata,
): PasswordAttempt {
  return { address, sessionId: null, ...callerOfAttempt(principal, { ipAddress }) };
}

/** Where somebody calls from; of a backend, which one it is, and where its user calls from, if it says so. */
export function callerOfAttempt(
  principal: Principal,
  { ipAddress }: Pick<ClientMetadata, 'ipAddress'>,
): Pick<PasswordAttempt, 'network' | 'apiKeyId'> {
  if (principal.kind === 'user') return { network: principal.network, apiKeyId: null };
  if (principal.kind === 'anonymous') return { network: principal.id, apiKeyId: null };
  return { network: ipAddress !== null && isIP(ipAddress) ? networkOf(ipAddress) : null, apiKeyId: principal.id };
}

/** The current password of a user, given to change it: by themselves, signed in, or by a backend for them. */
export function attemptToConfirm(actor: Actor, user: User): PasswordAttempt {
  const attempt = { address: user.emailCanonical, network: null, apiKeyId: null, sessionId: null };
  const self = actingUser(actor);
  if (self) return { ...attempt, network: self.network, sessionId: countedSessionOf(self) };
  return !isTrusted(actor) && actor.kind === 'api-key' ? { ...attempt, apiKeyId: actor.id } : attempt;
}

/** A code that was mailed to a user, or to nobody; a backend passes on where whoever types it calls from, and may not know. */
export function attemptWithCode(actor: Actor, subject: string, client: ClientMetadata): CodeAttempt {
  if (isTrusted(actor)) return { subject, network: null, apiKeyId: null, isProven: true };
  return { subject, ...callerOfAttempt(actor, client), isProven: actingUser(actor)?.userId === subject };
}

/** Where whoever asks for a mail calls from, unless a backend does for them. */
export function networkWithoutKey(actor: Actor): string | null {
  if (isTrusted(actor) || actor.kind === 'api-key') return null;
  return actor.kind === 'user' ? actor.network : actor.id;
}

/**
 * Checks a password as one attempt, whose place is taken before and given back when the password was right (`check` says so)
 * or was not compared. Throws `rate_limited` when there were too many.
 */
export async function asAttempt<T>(
  app: UsersApp,
  attempt: PasswordAttempt,
  check: (isRight: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const { address, network } = attempt;
  const isKnown = async () => address !== null && network !== null && (await hasSignedInFrom(app, address, network));
  const reservation = await app.signInLimits.reserve(attempt, isKnown);
  try {
    return await check(reservation.succeed);
  } catch (error) {
    if (!isVerdict(error)) await reservation.giveBack();
    throw error;
  }
}

/** Whether the password was looked at; it is not where the hashing queue is full or the database away. */
export function isVerdict(error: unknown): boolean {
  return (
    error instanceof DomainError && !['rate_limited', 'service_unavailable', 'outcome_unknown'].includes(error.code)
  );
}
