import { DomainError } from '../errors.ts';
import type { AuthenticationSubject } from '../events/event-data.ts';
import type { EventType } from '../events/event-types.ts';
import type { Actor, Principal } from '../principal/principal.ts';
import type { ClientMetadata } from '../sessions/client-metadata.ts';
import { callerOfAttempt, isVerdict } from './password-attempt.ts';
import type { UsersApp } from './users-app.ts';

export type RefusalType = Extract<EventType, `authentication.${string}_failed`>;

/** A sign-in that is tried, as far as it is told of. */
export interface ToldSignIn {
  readonly principal: Principal;
  /** Both empty for what is no address: it may be a password in the wrong place. */
  readonly address: string;
  readonly canonicalEmail: string;
  readonly client: ClientMetadata;
}

/** Who signs in without credentials of anybody else is the user, once they have proven it. */
export function signedIn(principal: Principal, userId: string): Actor {
  if (principal.kind !== 'anonymous') return principal;
  const { id: network, requestId } = principal;
  return { kind: 'user', userId, sessionId: null, network, ...(requestId !== undefined && { requestId }) };
}

/** Runs what checks a sign-in that the limits let through; records where it is refused, the same for an address that nobody has. */
export async function tellingRefusals<T>(
  app: UsersApp,
  type: RefusalType,
  signIn: ToldSignIn,
  check: () => Promise<T>,
): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof DomainError && isVerdict(error)) await recordRefusal(app, type, signIn, error);
    throw error;
  }
}

/** Records that a sign-in which the limits let through was refused, as far as strangers may fill the table. */
export async function recordRefusal(
  app: UsersApp,
  type: RefusalType,
  { principal, address, canonicalEmail, client }: ToldSignIn,
  { code, message }: DomainError,
): Promise<void> {
  const caller = callerOfAttempt(principal, client);
  if (!(await app.refusalLimits.mayRecord({ address: canonicalEmail || null, ...caller }))) {
    app.metrics.unrecordedRefusals.add(1, { type });
    return;
  }
  const user = await app.db.reader.user.findUnique({ where: { emailCanonical: canonicalEmail } });
  const error = { code, message: code === 'invalid_credentials' ? 'Invalid credentials.' : message };
  const subject: AuthenticationSubject = { user, email: address || null, client, error };
  await app.db.transaction((tx) => app.events.record(tx, principal, [{ type, ...subject }]));
}
