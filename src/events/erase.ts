import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Prisma, StoredEvent } from '../db/database.ts';
import { inBlocks } from '../jobs/blocks.ts';

const blockSize = 100;
const pauseMs = 100;

/** What says nothing of a person: ids of ours, types, states and moments. All else is blanked, also what comes later. */
const kept = new Set([
  ...['object', 'id', 'user_id', 'type', 'status', 'auth_method', 'provider', 'reason', 'email_verified', 'error'],
  ...['created_at', 'updated_at', 'expires_at', 'ended_at', 'last_sign_in_at'],
  ...['changed_at', 'verified_at', 'linked_at', 'unlinked_at'],
]);

/** Who hears of a user by webhooks hears that they are deleted, and of whom, but is not waited for longer than this. */
const maxWaitMs = 3 * 24 * 3_600_000;

/** What is to be erased: what is known of this user, and when they were deleted. */
export interface Erasure {
  readonly userId: string;
  readonly deletedAt: Date;
}

export const erasureJob = 'events.erase';

export function newErasure(userId: string, now: Date) {
  return { kind: erasureJob, payload: { userId, deletedAt: now.toISOString() } };
}

/** What was stored with the job; earlier, the moment was not. */
export function parseErasure(payload: Prisma.JsonValue): Erasure {
  const { userId, deletedAt = 0 } = payload as { userId?: unknown; deletedAt?: string };
  if (typeof userId === 'string') return { userId, deletedAt: new Date(deletedAt) };
  throw new Error('The job does not say whose events are to be erased.');
}

/** When to look again whether all of it was delivered; null where it is not waited for any longer. */
export function nextLook({ deletedAt }: Erasure, now: Date): Date | null {
  const waitedMs = now.getTime() - deletedAt.getTime();
  if (waitedMs >= maxWaitMs) return null;
  return new Date(now.getTime() + Math.min(3_600_000, Math.max(10_000, waitedMs)));
}

/** Takes what is personal out of every event of a user, who is deleted. */
export async function eraseEventsOf(db: Database, userId: string, signal: AbortSignal): Promise<void> {
  await eachBlock(db, userId, signal, (events) =>
    db.transaction(async (tx) => {
      for (const { id, body } of events) await tx.prisma.event.update({ where: { id }, data: { body: blank(body) } });
    }),
  );
}

/** Does something with every event of a user, some at a time. */
export async function eachBlock(
  db: Database,
  userId: string,
  signal: AbortSignal,
  work: (events: readonly StoredEvent[]) => Promise<void>,
): Promise<void> {
  await untilNumbered(db, signal);
  let from = 0;
  await inBlocks(signal, async () => {
    const events = await db.eventReads.list({ userId, from, order: 'asc', limit: blockSize });
    const last = events.at(-1);
    if (!last) return undefined;
    await work(events);
    from = last.position + 1;
    return '';
  });
}

/** What was committed before has its position then, and no copy elsewhere. */
async function untilNumbered({ reader }: Database, signal: AbortSignal): Promise<void> {
  const last = await reader.unnumberedEvent.findFirst({ orderBy: { seq: 'desc' } });
  const isWaiting = async () => last && (await reader.unnumberedEvent.findFirst({ where: { seq: { lte: last.seq } } }));
  while (await isWaiting()) await sleep(pauseMs, undefined, { signal });
}

/** The same event with empty values where it was personal; what it was about is known by ids and moments. */
function blank(body: StoredEvent['body']): string {
  const { data, context, ...envelope } = JSON.parse(body);
  const { previous_attributes, ...rest } = context;
  const blanked = previous_attributes && { previous_attributes: blankValues(previous_attributes) };
  return JSON.stringify({ ...envelope, data: blankValues(data), context: { ...rest, ...blanked } });
}

function blankValues(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, kept.has(key) ? value : empty(value)]));
}

/** Of the same JSON type, so that whoever reads it still can. */
function empty(value: unknown): unknown {
  if (typeof value === 'string') return '';
  return typeof value === 'object' && value !== null ? {} : value;
}
