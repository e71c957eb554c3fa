import { invalidateCodes } from '../codes/invalidation.ts';
import type { Transaction, User } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import { revokeOtherSessions } from '../sessions/revoke.ts';
import { nextVersion } from './changes.ts';
import { getLockedUser } from './locked-user.ts';
import { noticeTo, providersOf } from './notices.ts';
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
    const before = await getLockedUser(tx, id, expectation);
    const { count } = await tx.prisma.password.deleteMany({ where: { userId: before.id } });
    if (count === 0) return tx.prisma.user.findUniqueOrThrow({ where: { id: before.id }, ...query });
    const data = nextVersion(before, app.now());
    const user = await tx.prisma.user.update({ where: { id: before.id }, data, ...query });
    await invalidateCodes(tx, 'password set', user.id, app.now());
    await app.events.record(tx, actor, [
      { type: 'user.updated', user, before },
      { type: 'user.password_changed', user, reason: 'removed' },
    ]);
    if (app.config.PASSWORD_CHANGE_ENDS_SESSIONS) await revokeOtherSessions(app, tx, actor, user, null);
    await tellUser(app, tx, user, user.version);
    return user;
  });
}

async function tellUser({ outbox }: UsersApp, tx: Transaction, user: User, version: number): Promise<void> {
  const identities = await tx.prisma.identity.findMany({ where: { userId: user.id }, orderBy: { id: 'asc' } });
  const content = { template: 'password-removed', providers: providersOf(identities) } as const;
  await outbox.queueMail(tx, noticeTo(user, version, content));
}
