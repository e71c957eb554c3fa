import type { Transaction } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import type { Granted } from '../sessions/authentication.ts';
import type { ClientMetadata } from '../sessions/client-metadata.ts';
import { type AuthMethod, startSession } from '../sessions/start.ts';
import type { UsersApp } from './users-app.ts';

/** Within a transaction that has locked the user: they have proven who they are, and are signed in. */
export async function enter(
  app: UsersApp,
  tx: Transaction,
  id: string,
  authMethod: AuthMethod,
  client: ClientMetadata,
  query: UserQuery,
): Promise<Granted> {
  const started = await startSession(app, tx, id, authMethod, client);
  const user = await tx.prisma.user.update({ where: { id }, data: { lastSignInAt: app.now() }, ...query });
  return { user, ...started };
}

/** Before anything is forgiven: one that is refused here leaves the limits of wrong passwords and codes as they were. */
export async function countSignIn({ rateLimits }: UsersApp, { ipAddress }: ClientMetadata): Promise<void> {
  if (ipAddress !== null) await rateLimits.countSignIn?.(ipAddress);
}
