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
 * Says whether an identity provider manages the user. While it does, their email cannot be changed here, and no mail brings them
 * back in. From then on it alone says who gets in: codes, sessions and identities of before are of no use any more.
 */
export async function setUserManaged(
  app: UsersApp,
  actor: Actor,
  id: string,
  managed: boolean,
  query: UserQuery = {},
  expectation: Expectation = {},
): Promise<User> {
  assertScopes(actor, ['users:write']);
  return app.db.transaction(async (tx) => {
    const user = await getLockedUser(tx, id, expectation);
    const isNew = user.managed !== managed;
    const data = isNew ? { managed, ...nextVersion(user, app.now()) } : {};
    if (isNew && managed) {
      await invalidateCodes(tx, 'made managed', user.id, app.now());
      await revokeOtherSessions(tx, user.id, null, app.now());
      await tx.prisma.identity.deleteMany({ where: { userId: user.id } });
    }
    return tx.prisma.user.update({ where: { id }, data, ...query });
  });
}
