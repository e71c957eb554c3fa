import type { User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { revokeOtherSessions } from '../sessions/revoke.ts';
import { getLockedUser } from './locked-user.ts';
import { unlinkIdentities } from './unlink-identities.ts';
import type { Expectation } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

export interface DeleteOptions extends Expectation {
  /** Whether what is personal goes from what was recorded of them, too. */
  readonly erase?: boolean | null | undefined;
}

/**
 * Deletes a user with their identities and password; answers the user as they last were. Throws `version_mismatch` when
 * the stored version is not the expected one.
 */
export async function deleteUser(
  app: UsersApp,
  actor: Actor,
  id: string,
  query: UserQuery = {},
  { erase = false, ...expectation }: DeleteOptions = {},
): Promise<User> {
  assertScopes(actor, ['users:write']);
  return app.db.transaction(async (tx) => {
    const locked = await getLockedUser(tx, id, expectation);
    const user = await tx.prisma.user.findUniqueOrThrow({ where: { id }, ...query });
    await revokeOtherSessions(app, tx, actor, locked, null);
    await unlinkIdentities(app, tx, actor, { user: locked, where: {}, reason: 'user_deleted' });
    await tx.prisma.user.delete({ where: { id }, select: { id: true } });
    await app.events.record(tx, actor, [{ type: 'user.deleted', user: locked }]);
    if (erase) await app.events.erase(tx, id);
    return user;
  });
}
