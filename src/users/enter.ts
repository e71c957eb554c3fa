import type { Transaction } from '../db/database.ts';
import type { UserQuery } from '../db/user-query.ts';
import type { Principal } from '../principal/principal.ts';
import type { Granted } from '../sessions/authentication.ts';
import type { ClientMetadata } from '../sessions/client-metadata.ts';
import { type AuthMethod, startSession } from '../sessions/start.ts';
import { getLockedUser } from './locked-user.ts';
import { signedIn } from './sign-in-events.ts';
import type { UsersApp } from './users-app.ts';

/** How somebody has proven who they are, by what their session says of it. */
const authMethods = {
  password: 'password',
  magic_auth: 'magic_code',
  email_verification: 'password', // the first step was one
} as const satisfies Record<string, AuthMethod>;

interface Entry {
  readonly method: keyof typeof authMethods;
  readonly principal: Principal;
  readonly client: ClientMetadata;
  readonly query: UserQuery;
}

/** Within a transaction that has locked the user: they have proven who they are, and are signed in. */
export async function enter(
  app: UsersApp,
  tx: Transaction,
  id: string,
  { method, principal, client, query }: Entry,
): Promise<Granted> {
  const proven = await getLockedUser(tx, id); // as the proof has left them
  const actor = signedIn(principal, id);
  await app.events.record(tx, actor, [{ type: `authentication.${method}_succeeded`, user: proven, client }]);
  const started = await startSession(app, tx, actor, proven, authMethods[method], client);
  const user = await tx.prisma.user.update({ where: { id }, data: { lastSignInAt: app.now() }, ...query });
  return { user, ...started };
}

/** Before anything is forgiven: one that is refused here leaves the limits of wrong passwords and codes as they were. */
export async function countSignIn({ rateLimits }: UsersApp, { ipAddress }: ClientMetadata): Promise<void> {
  if (ipAddress !== null) await rateLimits.countSignIn?.(ipAddress);
}
