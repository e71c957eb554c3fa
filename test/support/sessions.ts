import { decodeJwt } from 'jose';
import type { TestApp } from './app.ts';
import { AuthenticateWithPassword } from './documents.ts';
import { makeUser } from './users.ts';

/** A good one. It is weighed each time that it is set, and a phrase of four words takes four times as long. */
export const password = 'wkqzvxmrhtbj';

export interface SignedIn {
  readonly userId: string;
  readonly email: string;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Signs a user in, without credentials of a backend. */
export async function signIn(t: TestApp, email: string, secret = password): Promise<SignedIn> {
  const { data, errors } = await t.graphql(AuthenticateWithPassword, { email, password: secret }, null);
  if (!data) throw new Error(`no sign-in: ${JSON.stringify(errors)}`);
  const { user, accessToken, refreshToken } = data.authenticateWithPassword;
  const sessionId = decodeJwt(accessToken).sid as string;
  return { userId: user.id, email, sessionId, accessToken, refreshToken };
}

/** A new user who is signed in. */
export async function makeSignedIn(t: TestApp): Promise<SignedIn> {
  const { email } = await makeUser(t.app, { emailVerified: true, password });
  return signIn(t, email);
}
