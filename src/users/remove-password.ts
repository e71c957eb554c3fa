import { invalidateCodes } from '../codes/invalidation.ts';
import type { User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { revokeOtherSessions } from '../sessions/revoke.ts';
import { nextVersion } from './changes.ts';
import { getLockedUser } from './locked-user.ts';
import type { Expectation } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

/**
 * Takes a user's password away: they sign in no more with one until they are given the next. Their sessions end as after a
 * change of the password. Answers the user; where there is no password nothing changes.
 */
export async function removePassword(
  app: UsersApp,
  actor: Actor,
  id: string,
  query: UserQuery = {},
  expectation: Expectation = {},
): Promise<User> {
  assertScopes(actor, ['users:credentials']);
  return app.db.transaction(async (tx) => {
    const user = await getLockedUser(tx, id, expectation);
    const { count } = await tx.prisma.password.deleteMany({ where: { userId: user.id } });
    const data = count === 0 ? {} : nextVersion(user, app.now());
    if (count > 0) await invalidateCodes(tx, 'password set', user.id, app.now());
    if (count > 0 && app.config.PASSWORD_CHANGE_ENDS_SESSIONS) await revokeOtherSessions(tx, user.id, null, app.now());
    return tx.prisma.user.update({ where: { id: user.id }, data, ...query });
  });
}
