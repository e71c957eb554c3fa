import type { User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { nextVersion } from './changes.ts';
import { getLockedUser } from './locked-user.ts';
import type { Expectation } from './user-errors.ts';
import type { UsersApp } from './users-app.ts';

/** Says whether an identity provider manages the user. While it does, their email cannot be changed here. */
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
    const data = user.managed === managed ? {} : { managed, ...nextVersion(user, app.now()) };
    return tx.prisma.user.update({ where: { id }, data, ...query });
  });
}
