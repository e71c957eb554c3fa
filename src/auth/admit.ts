import { DomainError } from '../errors.ts';
import { nowhere } from '../principal/network.ts';
import type { ApiKeyPrincipal, Principal } from '../principal/principal.ts';
import { findRefreshable } from '../sessions/refresh.ts';
import type { AuthApp } from './auth-app.ts';
import { authenticate } from './caller.ts';

/** What somebody goes on with their session by, who has no other credentials. It does not make them its user. */
export interface RefreshToken {
  readonly refreshToken: string;
}

/**
 * Who calls, as `authenticate` says, if they have not called too often; else throws `rate_limited`. Whoever has a valid API key,
 * access token or refresh token is counted by that alone, or strangers behind the same address could shut them out. Everybody
 * else, with credentials that do not count or without any, is counted by their address.
 */
export async function admit(
  app: AuthApp,
  credentials: string | RefreshToken | null,
  address = nowhere,
): Promise<Principal> {
  const authorization = typeof credentials === 'string' ? credentials : null;
  if (typeof credentials !== 'string') await admitAnonymous(app, credentials, address);
  const principal = await countingGuesses(app, address, authenticate(app, authorization, address));
  await countCaller(app, principal);
  return principal;
}

/** Refreshes have a count of their own: whoever has stolen an access token can use up that of the session. */
async function admitAnonymous(app: AuthApp, given: RefreshToken | null, address: string): Promise<void> {
  const refreshable = given && (await findRefreshable(app, given.refreshToken));
  if (!refreshable) return admitAnyone(app, address);
  await app.rateLimits.countRefresh?.(refreshable.sessionId);
}

/** Somebody who is not asked who they are, if their address has not called too often; else throws `rate_limited`. */
export async function admitAnyone({ rateLimits }: AuthApp, address = nowhere): Promise<void> {
  await rateLimits.countAddress?.(address);
}

/** The holder of an API key, counted as `admit` says. */
export async function admitApiKey(
  app: AuthApp,
  authorization: string | null,
  address = nowhere,
): Promise<ApiKeyPrincipal> {
  const principal = await countingGuesses(app, address, app.apiKeys.authenticate(authorization));
  await countCaller(app, principal);
  return principal;
}

async function countingGuesses<T>(app: AuthApp, address: string, identified: Promise<T>): Promise<T> {
  try {
    return await identified;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'unauthorized') await admitAnyone(app, address);
    throw error;
  }
}

async function countCaller({ rateLimits }: AuthApp, principal: Principal): Promise<void> {
  if (principal.kind === 'user') await rateLimits.countHolder?.(principal);
  if (principal.kind === 'api-key') await rateLimits.countApiKey?.(principal.id);
}
