import type { Logger } from 'pino';
import type { Transaction } from '../db/database.ts';
import { describeActor } from '../events/actors.ts';
import { type Actor, requestOf } from '../principal/principal.ts';

/** What was written, in the words of the log, and more of it, without values. */
interface Written {
  readonly message: string;
  readonly [detail: string]: unknown;
}

/**
 * After the commit, has the log say who did something about an endpoint. No event does: events are of users, and WorkOS has no
 * types for endpoints.
 */
export function tellWrite(
  { log }: { readonly log: Logger },
  tx: Transaction,
  actor: Actor,
  endpointId: string,
  { message, ...details }: Written,
): void {
  const line = { endpointId, actor: describeActor(actor), requestId: requestOf(actor) ?? undefined, ...details };
  tx.afterCommit(() => log.info(line, message));
}
