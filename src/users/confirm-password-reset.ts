import { isLive } from '../codes/live.ts';
import { findToken, findUnused, useCode } from '../codes/use.ts';
import type { Transaction, User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { DomainError, type Issue } from '../errors.ts';
import { parseInput } from '../input/input-rules.ts';
import { assertNoIssues } from '../input/validation-errors.ts';
import type { NewPassword } from '../passwords/stored-password.ts';
import { nowhere } from '../principal/network.ts';
import type { Principal } from '../principal/principal.ts';
import { assertMayOpenAccounts } from './access.ts';
import { findCredentialIssues, preparePassword } from './credentials.ts';
import { disarm } from './disarm.ts';
import { userFields } from './fields.ts';
import { signedIn } from './sign-in-events.ts';
import { updateWithin } from './update-within.ts';
import type { UsersApp } from './users-app.ts';

const purpose = 'password_reset';

interface Given {
  readonly token: string;
  readonly newPassword: string;
}

/**
 * Sets the password of whoever the token was mailed to, also the first one, verifies their address and ends all of their sessions;
 * where the address was not verified, see `disarm`. Answers the user. A password that is refused uses up nothing. Throws
 * `entity_not_found` for a token that does not count, or any more, `password_reset_error` and `rate_limited`.
 */
export async function confirmPasswordReset(
  app: UsersApp,
  principal: Principal,
  { token, newPassword }: Given,
  query: UserQuery = {},
): Promise<User> {
  assertMayOpenAccounts(principal);
  const password = readPassword(newPassword);
  const { user, tokenId } = await getHolder(app, token);
  await app.newPasswordLimits.assertAllowed({ tokenId }); // judging one is work, and whoever has the token may try many
  assertGoodPassword(await findCredentialIssues(app, { password }, user));
  const actor = actorOf(principal);
  const prepared = (await preparePassword(app, { password }, actor)) as NewPassword; // slow, so before the transaction
  return app.db.transaction(async (tx) => {
    await reset(app, tx, { token, userId: user.id, actor, password: prepared });
    return tx.prisma.user.findUniqueOrThrow({ where: { id: user.id }, ...query });
  });
}

/** Whoever has the token acts; a session of somebody who is signed in beside that has no part in it, and is not kept. */
function actorOf(principal: Principal): Principal {
  return principal.kind === 'user' ? { kind: 'anonymous', id: principal.network } : principal;
}

/** From where whoever has read the mail may sign in, whatever strangers do; a backend's own network says nothing of its users. */
function networkOfHolder(actor: Principal): string | null {
  return actor.kind === 'anonymous' && actor.id !== nowhere ? actor.id : null;
}

function readPassword(newPassword: string): string {
  const { fields, issues } = parseInput({ newPassword: userFields.password }, { newPassword });
  assertNoIssues(issues);
  return fields.newPassword as string;
}

/** Whose token it is. What is found here may be used meanwhile. */
async function getHolder(app: UsersApp, token: string): Promise<{ user: User; tokenId: string }> {
  const row = await findUnused(app, purpose, token);
  if (!row || !isLive(row, app.now())) throw unknownToken();
  const user = await app.db.reader.user.findUnique({ where: { id: row.userId ?? '' } });
  if (!user) throw unknownToken();
  return { user, tokenId: row.id };
}

interface Reset {
  readonly token: string;
  readonly userId: string;
  readonly actor: Principal;
  readonly password: NewPassword;
}

/** A token is of the address that it was mailed to, and of nobody whom an identity provider manages since. */
async function reset(app: UsersApp, tx: Transaction, { token, userId, actor, password }: Reset): Promise<void> {
  const [user] = await tx.statements.lock([userId]);
  const row = await findToken(app, tx, purpose, token);
  if (!user || user.managed || row?.emailCanonical !== user.emailCanonical) throw unknownToken();
  if (!(await useCode(app, tx, row, networkOfHolder(actor)))) throw unknownToken();
  const proven = signedIn(actor, userId);
  if (!user.emailVerified) await disarm(app, tx, proven, user);
  const fields = { emailVerified: true };
  const { user: changed } = await updateWithin(app, tx, { id: userId, actor: proven, fields, password, isReset: true });
  await app.events.record(tx, proven, [{ type: 'password_reset.succeeded', user: changed, code: row }]);
}

/** Under the code of this operation, and at its own field. */
function assertGoodPassword(found: readonly Issue[]): void {
  if (found.length === 0) return;
  const issues = found.map((issue) => ({ ...issue, field: 'newPassword' }));
  const message = issues.map((issue) => issue.message).join(' ');
  throw new DomainError('password_reset_error', message, { field: 'newPassword', issues });
}

function unknownToken(): DomainError {
  const message = 'This link was used before, has expired, or is none of ours. Ask for a new one.';
  return new DomainError('entity_not_found', message, { field: 'token' });
}
