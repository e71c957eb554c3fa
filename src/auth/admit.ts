import type { App } from '../app.ts';
import { DomainError } from '../errors.ts';
import { authenticate, nowhere } from './authenticate.ts';
import type { ApiKeyPrincipal, Principal } from './principal.ts';

/**
 * Who calls, as `authenticate` says, if they have not called too often; else throws `rate_limited`. Who has a valid API key
 * is counted by that alone; everybody else by their address, before a token is looked at, and then as the user they are.
 */
export async function admit(app: App, authorization: string | null, address = nowhere): Promise<Principal> {
  if (authorization !== null && /^Bearer +sk_/i.test(authorization)) return admitApiKey(app, authorization, address);
  const { countUser } = app.rateLimits;
  await admitAnyone(app, address);
  const principal = await authenticate(app, authorization, address);
  if (principal.kind === 'user' && countUser) await countUser(principal.userId);
  return principal;
}

/** Somebody who is not asked who they are, if their address has not called too often; else throws `rate_limited`. */
export async function admitAnyone({ rateLimits }: App, address = nowhere): Promise<void> {
  await rateLimits.countAddress?.(address);
}

/** The holder of an API key; a key that does not count is a guess from its address. */
export async function admitApiKey(app: App, authorization: string | null, address = nowhere): Promise<ApiKeyPrincipal> {
  const { countApiKey } = app.rateLimits;
  let principal: ApiKeyPrincipal;
  try {
    principal = await app.apiKeys.authenticate(authorization);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'unauthorized') await admitAnyone(app, address);
    throw error;
  }
  if (countApiKey) await countApiKey(principal.id);
  return principal;
}
