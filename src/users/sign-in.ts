import type { Transaction } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { DomainError } from '../errors.ts';
import type { PasswordAttempt } from '../limits/sign-in-limits.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import type { Principal } from '../principal/principal.ts';
import { type Authentication, completeAuthentication, type Granted } from '../sessions/authentication.ts';
import type { ClientMetadata } from '../sessions/client-metadata.ts';
import { noAddress, parseEmail } from './email.ts';
import { countSignIn, enter } from './enter.ts';
import { asAttempt, attemptToSignIn } from './password-attempt.ts';
import { type ToldSignIn, tellingRefusals } from './sign-in-events.ts';
import type { UsersApp } from './users-app.ts';
import { requireVerification } from './verification-required.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** A user who changes while their password is checked is looked up again, this many times at most. */
const maxAttempts = 3;

/** A sign-in as it was asked for. */
interface SignIn extends Credentials, ToldSignIn {
  /** Whose turn it is to have a password hashed. */
  readonly turn: string;
  readonly query: UserQuery;
}

/**
 * Signs in the user with this address and this password: starts a session and stamps `lastSignInAt`, and nothing else.
 * Throws `invalid_credentials`, one and the same for a wrong password, an unknown address and a user without password;
 * `email_verification_required` after a right password; `rate_limited`.
 */
export async function authenticateWithPassword(
  app: UsersApp,
  principal: Principal,
  { email, password }: Credentials,
  client: ClientMetadata,
  query: UserQuery = {},
): Promise<Authentication> {
  const { address, canonical: canonicalEmail } = parseEmail(email) ?? noAddress;
  const attempt = attemptToSignIn(principal, canonicalEmail || null, client);
  const signIn = { principal, email, password, address, canonicalEmail, turn: turnOf(attempt), client, query };
  return asAttempt(app, attempt, (isRight) =>
    tellingRefusals(app, 'authentication.password_failed', signIn, () => verifyAndStart(app, signIn, isRight)),
  );
}

async function verifyAndStart(app: UsersApp, attempt: SignIn, isRight: () => Promise<void>): Promise<Authentication> {
  const { password, canonicalEmail, turn } = attempt;
  for (let i = 1; i <= maxAttempts; i += 1) {
    const user = await app.db.reader.user.findUnique({
      where: { emailCanonical: canonicalEmail },
      include: { password: true },
    });
    const stored = (user?.password ?? null) as StoredPassword | null;
    if (!(await app.passwords.verify(password, stored, turn)) || !user || !stored) throw invalidCredentials(attempt);
    await countSignIn(app, attempt.client);
    const signer = await app.signingKeys.signer(app.now());
    await isRight();
    if (!user.emailVerified) {
      const required = await requireVerification(app, user, stored, attempt);
      if (required) throw required;
      continue;
    }
    const fresh = await freshHash(app, password, stored, turn);
    const granted = await app.db.transaction((tx) => grant(app, tx, user.id, stored, fresh, attempt));
    if (granted) return completeAuthentication(app, signer, granted);
  }
  throw invalidCredentials(attempt);
}

/** Where it is known, the network of whoever signs in, whether by a backend or not. */
function turnOf({ network, apiKeyId }: PasswordAttempt): string {
  return network ?? apiKeyId ?? '';
}

/** Replacing a hash can wait for the next sign-in when the hashing queue is full; the sign-in cannot. */
async function freshHash(
  app: UsersApp,
  password: string,
  stored: StoredPassword,
  turn: string,
): Promise<StoredPassword | null> {
  if (!app.passwords.needsRehash(stored)) return null;
  try {
    return await app.passwords.hash(password, turn);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'rate_limited') return null;
    throw error;
  }
}

/**
 * Answers null when what was found before is no longer so: the password that was verified, or that the user has this
 * address, verified. Whoever ends all sessions of the user either sees this one or comes first.
 */
async function grant(
  app: UsersApp,
  tx: Transaction,
  id: string,
  verified: StoredPassword,
  fresh: StoredPassword | null,
  { principal, canonicalEmail, client, query }: SignIn,
): Promise<Granted | null> {
  const [locked] = await tx.statements.lock([id]);
  if (locked?.emailCanonical !== canonicalEmail || !locked.emailVerified) return null;
  const { count } = await tx.prisma.password.updateMany({
    where: { userId: id, hash: verified.hash },
    data: fresh ?? { hash: verified.hash },
  });
  if (count === 0) return null;
  return enter(app, tx, id, { method: 'password', principal, client, query });
}

/** What is no address is not repeated: it may be a password in the wrong place. */
function invalidCredentials({ email, canonicalEmail }: SignIn): DomainError {
  const whose = canonicalEmail ? ` for '${email}'` : '';
  return new DomainError('invalid_credentials', `Invalid credentials${whose}.`);
}
