import type { Scope } from './scopes.ts';

/** A backend, by its API key. */
export interface ApiKeyPrincipal {
  readonly kind: 'api-key';
  readonly id: string;
  readonly scopes: readonly Scope[];
}

/** A user, by an access token. The token of an outside issuer belongs to no session of Roster's. */
export interface UserPrincipal {
  readonly kind: 'user';
  readonly userId: string;
  readonly sessionId: string | null;
}

/** Somebody without credentials. The id is the network of their address, where that is known. */
export interface AnonymousPrincipal {
  readonly kind: 'anonymous';
  readonly id: string;
}

/** Who calls. */
export type Principal = ApiKeyPrincipal | UserPrincipal | AnonymousPrincipal;

/** Whose turn it is, where callers take turns. Roster itself is one of them. */
export function callerOf(principal: Principal | undefined): string {
  return principal ? callerId(principal) : 'roster';
}

/** What attempts are counted by. */
export function callerId(principal: Principal): string {
  return principal.kind === 'user' ? principal.userId : principal.id;
}
