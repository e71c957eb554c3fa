import type { App } from '../app.ts';
import type { User } from '../db/database.ts';
import { lookupKey } from './ids.ts';
import { userNotFound } from './refusals.ts';
import type { UserQuery } from './update.ts';

/** Deletes a user with their identities and password; answers the user as they last were. */
export async function deleteUser(app: App, id: string, query: UserQuery = {}): Promise<User> {
  return app.db.transaction(async (tx) => {
    const user = await tx.user.findUnique({ where: { id: lookupKey(id) }, ...query });
    if (!user) throw userNotFound(id);
    await tx.user.delete({ where: { id } });
    return user;
  });
}
