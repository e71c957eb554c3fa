import type { App } from '../app.ts';
import type { Transaction, User } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import { parseEmail } from './email.ts';
import { isStorableText } from './text.ts';
import type { UserQuery } from './update.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** A password that changes while it is checked is checked again, this many times at most. */
const maxAttempts = 3;

/**
 * The user with this address and this password; stamps `lastSignInAt` and nothing else that a client sees.
 * Throws `invalid_credentials`, one and the same for a wrong password, an unknown address and a user without password;
 * `email_verification_required` after a right password; `rate_limited`.
 */
export async function authenticateWithPassword(
  app: App,
  callerId: string,
  { email, password }: Credentials,
  query: UserQuery = {},
): Promise<User> {
  const canonical = isStorableText(email) ? (parseEmail(email)?.canonical ?? '') : '';
  await app.signInLimits.assertAllowed(canonical, callerId);
  try {
    return await signIn(app, callerId, canonical, { email, password }, query);
  } catch (error) {
    if (!isVerdict(error)) await app.signInLimits.giveBack(canonical, callerId);
    throw error;
  }
}

/** Whether the password was checked; it is not where the hashing queue is full or the database away. */
function isVerdict(error: unknown): boolean {
  return error instanceof DomainError && ['invalid_credentials', 'email_verification_required'].includes(error.code);
}

async function signIn(
  app: App,
  callerId: string,
  canonical: string,
  { email, password }: Credentials,
  query: UserQuery,
): Promise<User> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const user = await app.db.reader.user.findUnique({
      where: { emailCanonical: canonical },
      include: { password: true },
    });
    const stored = (user?.password ?? null) as StoredPassword | null;
    if (!(await app.passwords.verify(password, stored)) || !user || !stored) throw invalidCredentials(email);
    await app.signInLimits.clear(canonical, callerId);
    if (!user.emailVerified) throw verificationRequired();
    const fresh = await freshHash(app, password, stored);
    const signedIn = await app.db.transaction((tx) => stampSignIn(app, tx, user.id, stored, fresh, query));
    if (signedIn) return signedIn;
  }
  throw invalidCredentials(email);
}

/** Replacing a hash can wait for the next sign-in when the hashing queue is full; the sign-in cannot. */
async function freshHash(app: App, password: string, stored: StoredPassword): Promise<StoredPassword | null> {
  if (!app.passwords.needsRehash(stored)) return null;
  try {
    return await app.passwords.hash(password);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'rate_limited') return null;
    throw error;
  }
}

/** Answers null when the password that was verified is no longer the stored one. */
async function stampSignIn(
  app: App,
  tx: Transaction,
  id: string,
  verified: StoredPassword,
  fresh: StoredPassword | null,
  query: UserQuery,
): Promise<User | null> {
  const { count } = await tx.password.updateMany({
    where: { userId: id, hash: verified.hash },
    data: fresh ?? { hash: verified.hash },
  });
  if (count === 0) return null;
  return tx.user.update({ where: { id }, data: { lastSignInAt: app.now() }, ...query });
}

function invalidCredentials(email: string): DomainError {
  return new DomainError('invalid_credentials', `Invalid credentials for '${email}'.`);
}

function verificationRequired(): DomainError {
  return new DomainError('email_verification_required', 'Email ownership must be verified before authentication.');
}
