import { decodeJwt } from 'jose';
import { lookupKey } from '../input/ids.ts';
import { networkOf, nowhere } from '../principal/network.ts';
import type { Principal, TokenHolder } from '../principal/principal.ts';
import { invalidToken } from '../principal/unauthorized.ts';
import { verifyAccessToken } from '../sessions/access-tokens.ts';
import type { AuthApp } from './auth-app.ts';
import type { ExternalIssuer } from './external-issuer.ts';

/**
 * Who calls, by an `Authorization` header (RFC 6750): the holder of an API key, the user of an access token, or somebody
 * without credentials, whose network is their id. Throws `unauthorized` for credentials that do not count.
 */
export async function authenticate(app: AuthApp, authorization: string | null, address = nowhere): Promise<Principal> {
  if (authorization === null) return { kind: 'anonymous', id: networkOf(address) };
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization)?.[1];
  if (token === undefined) return app.apiKeys.authenticate(authorization);
  return { kind: 'user', network: networkOf(address), ...(await identify(app, token)) };
}

/** What a token says of its issuer only picks who verifies it, and that includes the issuer. */
async function identify(app: AuthApp, token: string): Promise<TokenHolder> {
  const issuer = issuerOf(token);
  if (issuer === app.config.TOKEN_ISSUER) return verifyAccessToken(app, token);
  if (app.externalIssuer && issuer === app.externalIssuer.issuer)
    return verifyExternalToken(app, app.externalIssuer, token);
  throw invalidToken();
}

/** The user whose external id is the `sub` of this token; throws as `verify` does. */
async function verifyExternalToken(app: AuthApp, issuer: ExternalIssuer, token: string): Promise<TokenHolder> {
  const { subject, expiresAt } = await issuer.verify(token, app.now());
  const user = await app.db.reader.user.findUnique({
    where: { externalId: lookupKey(subject) },
    select: { id: true },
  });
  if (!user) throw invalidToken();
  return { userId: user.id, sessionId: null, expiresAt };
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}
