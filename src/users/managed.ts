import { invalidateCodes } from '../codes/invalidation.ts';
import type { Transaction, User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { revokeOtherSessions } from '../sessions/revoke.ts';
import { nextVersion } from './changes.ts';
import { getLockedUser } from './locked-user.ts';
import { unlinkIdentities } from './unlink-identities.ts';
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
    const before = await getLockedUser(tx, id, expectation);
    const isChanged = before.managed !== managed;
    const data = isChanged ? { managed, ...nextVersion(before, app.now()) } : {};
    const user = await tx.prisma.user.update({ where: { id }, data, ...query });
    if (!isChanged) return user;
    await app.events.record(tx, actor, [{ type: 'user.updated', user, before }]);
    if (managed) await endOwnSignIn(app, tx, actor, user);
    return user;
  });
}

async function endOwnSignIn(app: UsersApp, tx: Transaction, actor: Actor, user: User): Promise<void> {
  await invalidateCodes(tx, 'made managed', user.id, app.now());
  await unlinkIdentities(app, tx, actor, { user, where: {}, reason: 'managed' });
  await revokeOtherSessions(app, tx, actor, user, null);
}
