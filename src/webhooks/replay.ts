import type { Logger } from 'pino';
import type { Prisma, Transaction, WebhookEndpoint } from '../db/database.ts';
import { DomainError } from '../errors.ts';
import { type EventType, isEventType } from '../events/event-types.ts';
import { positionOf } from '../events/list.ts';
import { newId } from '../input/ids.ts';
import { inBlocks } from '../jobs/blocks.ts';
import { assertScopes } from '../principal/authorization.ts';
import type { Actor } from '../principal/principal.ts';
import type { Deliveries } from './deliveries.ts';
import { typesOf } from './endpoint-types.ts';
import { lockEnabledEndpoint } from './locked-endpoint.ts';
import { tellWrite } from './tell-write.ts';
import type { WebhooksApp } from './webhooks-app.ts';

/** So many events are looked at in one transaction: nobody waits for it, and it takes little memory. */
const blockSize = 100;

export const replayJob = 'webhooks.replay';

/** What came of asking for a replay. */
export interface Replay {
  readonly endpoint: WebhookEndpoint;
  /** How many deliveries are due by it so far. */
  readonly deliveries: number;
  /** Whether those are all; else a job goes on. */
  readonly isComplete: boolean;
}

/** What of a replay is still to be done: of the events behind one position, up to another. */
interface Remaining {
  readonly endpointId: string;
  readonly types: readonly string[];
  readonly after: number;
  readonly to: number;
}

type ReplayApp = Pick<WebhooksApp, 'db' | 'now'> & { readonly deliveries: Pick<Deliveries, 'wake'> };

/**
 * Sends an endpoint everything again that happened after this event and until now, of these types, or, where none are given, of its
 * own. Begins at once; where there is much, a job goes on. Throws `unknown_cursor`, `cursor_expired`, `entity_not_found`,
 * `webhook_endpoint_disabled`.
 */
export async function replayWebhookEvents(
  app: WebhooksApp,
  actor: Actor,
  endpointId: string,
  afterEventId: string,
  types?: readonly EventType[] | null,
): Promise<Replay> {
  assertScopes(actor, ['webhooks:write']);
  const after = await positionOf(app.db.eventReads, afterEventId);
  const [newest] = await app.db.eventReads.list({ order: 'desc', limit: 1 });
  return app.db.transaction(async (tx) => {
    const endpoint = await lockEnabledEndpoint(tx, endpointId);
    const wanted = types ?? typesOf(endpoint).filter(isEventType);
    const whole = { endpointId: endpoint.id, types: wanted, after, to: newest?.position ?? after };
    const { deliveries, rest } = await replayBlock(app, tx, whole);
    if (rest) await app.jobs.enqueue(tx, { kind: replayJob, payload: toPayload(rest) });
    tellWrite(app, tx, actor, endpoint.id, { message: 'events are sent to a webhook endpoint again', types: wanted });
    return { endpoint, deliveries, isComplete: rest === null };
  });
}

/**
 * Goes on with a replay. What is left is stored with each block: another process begins where this one ended. Ends early where the
 * endpoint has gone, or is disabled.
 */
export async function continueReplay(
  app: ReplayApp & { readonly log: Logger },
  payload: Prisma.JsonValue,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<void> {
  let remaining: Remaining | null = parsePayload(payload);
  const { endpointId } = remaining;
  try {
    await inBlocks(signal, async () => {
      if (!remaining) return undefined;
      remaining = await nextBlock(app, remaining, id);
      return '';
    });
  } catch (error) {
    if (!(error instanceof DomainError) || !endings.includes(error.code)) throw error;
    app.log.warn({ endpointId, reason: error.message }, 'a replay to a webhook endpoint has ended early');
  }
}

const endings: readonly string[] = ['entity_not_found', 'webhook_endpoint_disabled'];

async function nextBlock(app: ReplayApp, remaining: Remaining, jobId: string): Promise<Remaining | null> {
  return app.db.transaction(async (tx) => {
    await lockEnabledEndpoint(tx, remaining.endpointId);
    const { rest } = await replayBlock(app, tx, remaining);
    const payload = toPayload(rest ?? { ...remaining, after: remaining.to });
    await tx.prisma.job.updateMany({ where: { id: jobId }, data: { payload } });
    return rest;
  });
}

/** With the endpoint locked. What waits already is not made twice; it is due now, too. */
async function replayBlock(
  { deliveries: { wake }, now }: Pick<ReplayApp, 'deliveries' | 'now'>,
  tx: Transaction,
  remaining: Remaining,
): Promise<{ deliveries: number; rest: Remaining | null }> {
  const { endpointId, types, after, to } = remaining;
  const end = Math.min(after + blockSize, to);
  const { replays } = tx.statements;
  const events = await replays.events({ types, after, to: end });
  const waiting = await replays.waiting(
    endpointId,
    events.map(({ id }) => id),
  );
  const at = now();
  const due = { endpointId, state: 'pending', attempt: 0, dueAt: at };
  const made = events
    .filter(({ id }) => !waiting.has(id))
    .map(({ id: eventId, ...event }) => ({ ...newId('whd', at), ...event, ...due, eventId }));
  if (made.length > 0) await replays.insert(made);
  const hurried = await replays.hurry([...waiting.values()], at);
  tx.afterCommit(wake);
  return { deliveries: made.length + hurried, rest: end < to ? { ...remaining, after: end } : null };
}

function toPayload({ types, ...rest }: Remaining): Prisma.InputJsonObject {
  return { ...rest, types: [...types] };
}

function parsePayload(payload: Prisma.JsonValue): Remaining {
  const { endpointId, types, after, to } = payload as Partial<Remaining>;
  if (typeof endpointId === 'string' && Array.isArray(types) && typeof after === 'number' && typeof to === 'number')
    return { endpointId, types, after, to };
  throw new Error('The job does not say what is to be sent again.');
}
