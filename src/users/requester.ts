import type { RequestedBy } from '../codes/create.ts';
import { type Actor, isTrusted } from '../principal/principal.ts';
import { type ClientMetadata, unknownClient } from '../sessions/client-metadata.ts';
import { hasSignedInFrom } from '../sessions/known-networks.ts';
import { callerOfAttempt } from './password-attempt.ts';
import type { UsersApp } from './users-app.ts';

/** Whose mailbox something is to go to; the id is null where nobody has looked for it. */
interface Whose {
  readonly userId: string | null;
  readonly canonical: string;
}

/**
 * Who asks for a code or a link, as the limits see them: the user themselves, where they are signed in or come from a network that
 * has signed in as them; it takes as long where nobody has the address. A backend may say where its user calls from.
 */
export async function requesterOf(
  app: UsersApp,
  actor: Actor,
  { userId, canonical }: Whose,
  client: ClientMetadata = unknownClient,
): Promise<RequestedBy> {
  if (isTrusted(actor)) return { requester: 'owner', id: null };
  const { network, apiKeyId } = callerOfAttempt(actor, client);
  const id = network ?? apiKeyId;
  if (actor.kind === 'user' && actor.userId === userId) return { requester: 'owner', id };
  const isKnown = network !== null && (await hasSignedInFrom(app, canonical, network));
  if (isKnown) return { requester: 'owner', id };
  return { requester: actor.kind === 'api-key' ? 'backend' : 'stranger', id };
}

/** Who has just given the right password, or is signed in. */
export function provenRequester(actor: Actor, client: ClientMetadata = unknownClient): RequestedBy {
  if (isTrusted(actor)) return { requester: 'owner', id: null };
  const { network, apiKeyId } = callerOfAttempt(actor, client);
  return { requester: 'owner', id: network ?? apiKeyId };
}
