import type { Scope } from './scopes.ts';

/** Somebody who calls. */
interface Caller {
  /** The request that they call with, where there is one. */
  readonly requestId?: string;
}

/** A backend, by its API key. */
export interface ApiKeyPrincipal extends Caller {
  readonly kind: 'api-key';
  readonly id: string;
  /** What the operator calls the key. */
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** The user whom an access token was given to. The token of an external issuer belongs to no session of Roster's. */
export interface TokenHolder {
  readonly userId: string;
  readonly sessionId: string | null;
  /** When the token ends; nothing of somebody who has just signed in. */
  readonly expiresAt?: Date;
}

/** A user, by an access token. */
export interface UserPrincipal extends Caller, TokenHolder {
  readonly kind: 'user';
  /** The network that they call from, where it is known. */
  readonly network: string;
}

/** What whoever is signed in is counted by: their session; where an external issuer keeps the sessions, the user stands for one. */
export function countedSessionOf({ sessionId, userId }: TokenHolder): string {
  return sessionId ?? userId;
}

/** Somebody without credentials. The id is the network of their address, where that is known. */
export interface AnonymousPrincipal extends Caller {
  readonly kind: 'anonymous';
  readonly id: string;
}

/** Who calls. */
export type Principal = ApiKeyPrincipal | UserPrincipal | AnonymousPrincipal;

/** Who acts without being called: Roster itself, and the operator, by the command line. They may do everything. */
type Trusted = 'roster' | 'cli';

/** Who acts. It is said of every write, never left out. */
export type Actor = Principal | Trusted;

export function isTrusted(actor: Actor): actor is Trusted {
  return typeof actor === 'string';
}

/** The user who acts for themselves; null where somebody else does. */
export function actingUser(actor: Actor): UserPrincipal | null {
  return !isTrusted(actor) && actor.kind === 'user' ? actor : null;
}

/** Whose turn it is, where callers take turns. Roster itself is one of them. */
export function callerOf(actor: Actor): string {
  if (isTrusted(actor)) return actor;
  return actor.kind === 'user' ? actor.userId : actor.id;
}

/** The request in which they act; null where there is none. */
export function requestOf(actor: Actor): string | null {
  return isTrusted(actor) ? null : (actor.requestId ?? null);
}
