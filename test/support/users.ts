import type { App } from '../../src/app.ts';
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
  return createUser(app, { email: newAddress(), ...input });
}

/** Links one identity per address; `null` links one without an address. */
export async function linkAddresses(app: App, userId: string, emails: (string | null)[]) {
  const providers: Provider[] = ['GoogleOAuth', 'GithubOAuth', 'AppleOAuth', 'MicrosoftOAuth', 'SlackOAuth'];
  return Promise.all(
    emails.map((email, i) =>
      linkIdentity(app, userId, { provider: providers[i % providers.length], idpId: `${userId}-${i}`, email }),
    ),
  );
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
