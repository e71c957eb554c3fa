import { DomainError } from '../errors.ts';
import { type Actor, isTrusted } from './principal.ts';
import type { Scope } from './scopes.ts';

/** What nobody may do, Roster does not either. */
export function hasScope(actor: Actor, scope: Scope | null): boolean {
  if (scope === null) return false;
  return isTrusted(actor) || (actor.kind === 'api-key' && actor.scopes.includes(scope));
}

/** Throws `forbidden` unless it is Roster itself, or an API key that has every scope. */
export function assertScopes(actor: Actor, needed: readonly Scope[]): void {
  const missing = needed.filter((scope) => !hasScope(actor, scope));
  if (missing.length === 0) return;
  const message =
    !isTrusted(actor) && actor.kind === 'api-key'
      ? `This API key lacks the scope ${missing.join(' and ')}.`
      : 'An access token does not allow this. It takes an API key.';
  throw new DomainError('forbidden', message);
}
