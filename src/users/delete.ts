import type { User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { getLockedUser } from './locked-user.ts';
import type { Expectation } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

/**
 * Deletes a user with their identities and password; answers the user as they last were. Throws `version_mismatch` when
 * the stored version is not the expected one.
 */
export async function deleteUser(
  app: UsersApp,
  actor: Actor,
  id: string,
  query: UserQuery = {},
  expectation: Expectation = {},
): Promise<User> {
  assertScopes(actor, ['users:write']);
  return app.db.transaction(async (tx) => {
    await getLockedUser(tx, id, expectation);
    const user = await tx.prisma.user.findUniqueOrThrow({ where: { id }, ...query });
    await tx.prisma.user.delete({ where: { id }, select: { id: true } });
    return user;
  });
}
