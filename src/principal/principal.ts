import type { Scope } from './scopes.ts';

/** A backend, by its API key. */
export interface ApiKeyPrincipal {
  readonly kind: 'api-key';
  readonly id: string;
  readonly scopes: readonly Scope[];
}

/** The user whom an access token was given to. The token of an external issuer belongs to no session of Roster's. */
export interface TokenHolder {
  readonly userId: string;
  readonly sessionId: string | null;
}

/** A user, by an access token. */
export interface UserPrincipal extends TokenHolder {
  readonly kind: 'user';
  /** The network that they call from, where it is known. */
  readonly network: string;
}

/** Somebody without credentials. The id is the network of their address, where that is known. */
export interface AnonymousPrincipal {
  readonly kind: 'anonymous';
  readonly id: string;
}

/** Who calls. */
export type Principal = ApiKeyPrincipal | UserPrincipal | AnonymousPrincipal;

/** Who acts: somebody who calls, or Roster itself, which may do everything. It is said of every write, never left out. */
export type Actor = Principal | 'roster';

/** The user who acts for themselves; null where a backend or Roster does. */
export function actingUser(actor: Actor): UserPrincipal | null {
  return actor !== 'roster' && actor.kind === 'user' ? actor : null;
}

/** Whose turn it is, where callers take turns. Roster itself is one of them. */
export function callerOf(actor: Actor): string {
  if (actor === 'roster') return actor;
  return actor.kind === 'user' ? actor.userId : actor.id;
}
