import type { Session, User } from '../db/database.ts';
import type { Signer } from '../signing-keys/signing-keys.ts';
import { accessTokenSeconds } from '../signing-keys/token-times.ts';
import { issueAccessToken } from './access-tokens.ts';
import type { SessionsApp } from './sessions-app.ts';

/** What is stored of a sign-in or a refresh, and the refresh token that is given out. */
export interface Granted {
  readonly user: User;
  readonly session: Session;
  readonly refreshToken: string;
}

/** A user who is signed in, and the tokens to go on with. */
export interface Authentication extends Granted {
  readonly accessToken: string;
  /** How many seconds the access token is valid. */
  readonly accessTokenExpiresIn: number;
}

/** Adds the access token to what was granted. */
export async function completeAuthentication(
  app: SessionsApp,
  signer: Signer,
  granted: Granted,
): Promise<Authentication> {
  const accessToken = await issueAccessToken(app, signer, granted.session);
  return { ...granted, accessToken, accessTokenExpiresIn: accessTokenSeconds };
}
