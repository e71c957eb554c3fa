import { randomUUID } from 'node:crypto';
import type { SettledDelivery, Transaction, WebhookEndpoint } from '../db/database.ts';
import { chooseDeliveries, maxTakenPerEndpoint, type Room, type Standing } from './choose.ts';
import { groupBy } from './group-by.ts';
import { afterAttempts } from './health.ts';
import { type Ended, isTest, settle, type Taken } from './outcome.ts';

/** A delivery that this process sends, until its lease ends. */
export interface TakenDelivery extends Taken {
  readonly eventId: string;
  readonly endpoint: WebhookEndpoint;
}

export interface EndedDelivery {
  readonly delivery: TakenDelivery;
  readonly ended: Ended;
}

/** What became of an attempt; `delayed`: it failed, and is made again. Null where it was not made. */
export type Outcome = 'delivered' | 'delayed' | 'failed' | 'cancelled' | null;

/** An endpoint that Roster has disabled. */
export interface DisabledEndpoint {
  readonly endpoint: WebhookEndpoint;
  readonly reason: 'gone' | 'failing';
}

export interface TakingOptions {
  readonly room: Room;
  readonly standingOf: (endpointId: string) => Standing;
  /** Whether this process has a delivery, though its lease may be over. */
  readonly isUnderWay: (id: string) => boolean;
  /** Whether this process has enough for an endpoint, for now. */
  readonly hasEnough: (endpointId: string) => boolean;
  readonly leaseMs: number;
  readonly now: Date;
}

/** So many of the deliveries of an endpoint that are due are looked at: more than can be taken, as some wait for others. */
const lookedAt = 2 * maxTakenPerEndpoint;

/** Within a transaction: takes deliveries that are due and that nobody sends. */
export async function takeDeliveries(tx: Transaction, options: TakingOptions): Promise<TakenDelivery[]> {
  const { now, leaseMs, room } = options;
  if (room.total <= 0) return [];
  const { deliveries } = tx.statements;
  const endpoints = new Map((await deliveries.lockEndpoints(now)).map((endpoint) => [endpoint.id, endpoint]));
  const ids = [...endpoints.keys()].filter((id) => !options.hasEnough(id));
  const due = await deliveries.due(shuffled(ids), now, lookedAt);
  const lease = randomUUID();
  const leasedUntil = new Date(now.getTime() + leaseMs);
  const taken = chooseDeliveries(due, options).map((delivery) => ({
    ...delivery,
    lease,
    attempt: delivery.attempt + 1,
  }));
  await deliveries.lease(taken.map(({ id, attempt }) => ({ id, attempt, lease, leasedUntil })));
  return taken.map((delivery) => ({ ...delivery, endpoint: endpoints.get(delivery.endpointId) as WebhookEndpoint }));
}

/** Each time another endpoint is the first to have its turn. */
function shuffled(ids: string[]): string[] {
  const start = Math.floor(Math.random() * ids.length);
  return [...ids.slice(start), ...ids.slice(0, start)];
}

/** Within a transaction: stores what became of deliveries, and of their endpoints; answers it, and the endpoints that are disabled now. */
export async function settleDeliveries(
  tx: Transaction,
  all: readonly EndedDelivery[],
  now: Date,
): Promise<{ outcomes: Outcome[]; disabled: DisabledEndpoint[] }> {
  const rows = all.map(({ delivery, ended }) => settle(delivery, ended, now));
  await tx.statements.deliveries.settle(rows);
  const disabled: DisabledEndpoint[] = [];
  for (const [id, ofOne] of groupBy(all, ({ delivery }) => delivery.endpoint.id)) {
    const attempts = ofOne.flatMap(({ delivery, ended }) =>
      ended.kind === 'attempted' && !isTest(delivery) ? [ended.attempted] : [],
    );
    const isFine = ofOne.every(({ delivery }) => !afterAttempts(delivery.endpoint, attempts, now));
    const endpoint = isFine ? null : await tx.prisma.webhookEndpoint.findUnique({ where: { id } });
    const change = endpoint && afterAttempts(endpoint, attempts, now);
    if (!change) continue;
    const { disabledReason: reason, ...health } = change;
    const data = reason
      ? { ...health, status: 'disabled', disabledReason: reason, disabledAt: now, updatedAt: now }
      : health;
    const { count } = await tx.prisma.webhookEndpoint.updateMany({ where: { id, status: 'enabled' }, data });
    if (reason && count > 0) disabled.push({ endpoint, reason });
  }
  return { outcomes: rows.map(outcomeOf), disabled };
}

function outcomeOf({ state, lastStatus, lastError }: SettledDelivery): Outcome {
  if (state !== 'pending') return state as Outcome;
  return lastStatus === null && lastError === null ? null : 'delayed';
}
