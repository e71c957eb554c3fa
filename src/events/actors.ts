import type { Actor } from '../principal/principal.ts';

export type ActorKind = 'api_key' | 'user' | 'cli' | 'roster';

/** Who did it, as an event says. */
export interface EventActor {
  readonly kind: ActorKind;
  readonly id: string;
  readonly name: string | null;
}

/** WorkOS's word for where it was done. */
export const sources: Readonly<Record<ActorKind, string>> = {
  api_key: 'api',
  user: 'api',
  cli: 'system',
  roster: 'system',
};

/** Of somebody without credentials nobody knows who they are; what they brought about, Roster did. */
export function describeActor(actor: Actor): EventActor {
  if (actor === 'cli') return { kind: 'cli', id: 'cli', name: null };
  if (actor === 'roster' || actor.kind === 'anonymous') return { kind: 'roster', id: 'roster', name: null };
  if (actor.kind === 'user') return { kind: 'user', id: actor.userId, name: null };
  return { kind: 'api_key', id: actor.id, name: actor.name };
}
