import type { App } from '../../src/app.ts';
import type { Identity } from '../../src/db/database.ts';
import { createUser } from '../../src/users/create.ts';
import { linkIdentity } from '../../src/users/identities.ts';
import type { Provider } from '../../src/users/providers.ts';

let counter = 0;

/** An address that no other test uses. */
export function newAddress(): string {
  counter += 1;
  return `user${counter}@example.com`;
}

/** A user as a test needs one; anything not given is plain. */
export function makeUser(app: App, input: Record<string, unknown> = {}) {
  return createUser(app, 'roster', { email: newAddress(), ...input });
}

/**
 * Links one identity per address, in this order; `null` links one without an address. Links that are asked for at once
 * have the order in which the database lets them at their user.
 */
export async function linkAddresses(app: App, userId: string, emails: (string | null)[]): Promise<Identity[]> {
  const providers: Provider[] = ['GoogleOAuth', 'GithubOAuth', 'AppleOAuth', 'MicrosoftOAuth', 'SlackOAuth'];
  const linked: Identity[] = [];
  for (const [i, email] of emails.entries()) {
    const account = { provider: providers[i % providers.length], idpId: `${userId}-${i}`, email };
    linked.push(await linkIdentity(app, 'roster', userId, account, { keepCredentials: true }));
  }
  return linked;
}

/** Everything that is stored of users, to compare before and after. */
export async function dump(app: App) {
  const { reader } = app.db;
  return {
    users: await reader.user.findMany({ orderBy: { id: 'asc' } }),
    identities: await reader.identity.findMany({ orderBy: { id: 'asc' } }),
    passwords: await reader.password.findMany({ orderBy: { userId: 'asc' } }),
  };
}
