import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { type Secrets, Unsealable } from '../secrets/secrets.ts';
import { maxPerEndpoint, maxPerProcess, type Standing } from './choose.ts';
import type { EndedDelivery, TakenDelivery } from './delivery-rows.ts';
import { type Ended, isDelivered, isTest } from './outcome.ts';
import type { Attempted, Sender } from './sender.ts';
import { webhookRequest } from './webhook-request.ts';

/** An endpoint that takes a delivery within so long is quick. */
const quickMs = 1000;

/** What has waited here for so long is given back, well before its lease ends. */
const maxWaitingMs = 20_000;

export interface SendingGiven {
  readonly log: Logger;
  readonly now: () => Date;
  readonly secrets: Secrets;
  readonly sender: Sender;
}

/** What one process has taken: what it sends just now, and what waits for its turn. */
export interface Sending {
  /** Sends a delivery with the text of its event, as soon as there is room; null: that is no longer kept. */
  begin(delivery: TakenDelivery, body: string | null): void;
  /** Whether it is being sent, or waits for its turn. */
  has(id: string): boolean;
  /** How many; and how many of them for endpoints of these standings. */
  count(): { all: number; slow: number; unproven: number };
  countFor(endpointId: string): number;
  standingOf(endpointId: string): Standing;
  /** Gives back what waits. */
  releaseWaiting(): void;
  /** Resolves when all that is being sent has ended. */
  settled(): Promise<void>;
  /** Ends what is being sent; it does not count as an attempt. */
  abort(): Promise<void>;
}

/** `onEnd` is told what became of each delivery. */
export function createSending(
  { log, now, secrets, sender }: SendingGiven,
  onEnd: (ended: EndedDelivery) => void,
): Sending {
  const waiting: Waiting[] = [];
  const running = new Map<string, Promise<void>>();
  /** How many are sent, and are sent or wait, by endpoint. */
  const [sent, taken] = [new Map<string, number>(), new Map<string, number>()];
  const standings = new Map<string, Standing>();
  const stopping = new AbortController();
  setMaxListeners(maxPerProcess, stopping.signal);

  /** Begins with whatever waits and has room, the first first. */
  function sendNext(): void {
    for (let at = 0; at < waiting.length && running.size < maxPerProcess; ) {
      const next = waiting[at] as Waiting;
      const { id, endpoint } = next.delivery;
      if ((sent.get(endpoint.id) ?? 0) >= maxPerEndpoint) {
        at += 1;
        continue;
      }
      waiting.splice(at, 1);
      add(sent, endpoint.id, 1);
      running.set(id, run(next));
    }
  }

  /** Whoever is not quick any more must not hold up what waits: it is taken again when it is its turn. */
  function release(isMeant: (waiting: Waiting) => boolean): void {
    for (const next of waiting.filter(isMeant)) {
      waiting.splice(waiting.indexOf(next), 1);
      end(next.delivery, { kind: 'released' });
    }
  }

  function end(delivery: TakenDelivery, ended: Ended): void {
    add(taken, delivery.endpoint.id, -1);
    onEnd({ delivery, ended });
  }

  async function send(delivery: TakenDelivery, body: string | null): Promise<Ended> {
    if (body === null) return { kind: 'expired' };
    const { endpoint, eventId: id } = delivery;
    const startedAt = performance.now();
    const attempted = await attempt(() =>
      webhookRequest(secrets, endpoint, { id, body, isTest: isTest(delivery) }, now()),
    );
    if (attempted.status === null && stopping.signal.aborted) return { kind: 'released' };
    const isQuick = isDelivered(attempted) && performance.now() - startedAt < quickMs;
    standings.set(endpoint.id, isQuick ? 'quick' : 'slow');
    return { kind: 'attempted', attempted };
  }

  async function attempt(prepare: () => ReturnType<typeof webhookRequest>): Promise<Attempted> {
    try {
      return await sender.send(prepare(), stopping.signal);
    } catch (error) {
      if (!(error instanceof Unsealable)) log.error({ err: error }, 'a webhook could not be sent');
      const reason =
        error instanceof Unsealable ? `The secret cannot be read. ${error.message}` : 'The request failed.';
      return { status: null, reason, answer: null, retryAfterMs: null };
    }
  }

  async function run({ delivery, body, since }: Waiting): Promise<void> {
    const hasWaited = performance.now() - since > maxWaitingMs;
    const ended = await (hasWaited ? Promise.resolve({ kind: 'released' } as const) : send(delivery, body));
    const endpointId = delivery.endpoint.id;
    running.delete(delivery.id);
    add(sent, endpointId, -1);
    end(delivery, ended);
    if (standingOf(endpointId) !== 'quick') release((next) => next.delivery.endpoint.id === endpointId);
    sendNext();
  }

  const releaseWaiting = () => release(() => true);
  const standingOf = (endpointId: string) => standings.get(endpointId) ?? 'unknown';
  const settled = async () => {
    while (running.size > 0) await Promise.all(running.values());
  };
  return {
    begin(delivery, body) {
      add(taken, delivery.endpoint.id, 1);
      waiting.push({ delivery, body, since: performance.now() });
      sendNext();
    },
    has: (id) => running.has(id) || waiting.some(({ delivery }) => delivery.id === id),
    count() {
      const count = { all: 0, slow: 0, unproven: 0 };
      for (const [endpointId, number] of taken) {
        const standing = standingOf(endpointId);
        count.all += number;
        if (standing === 'slow') count.slow += number;
        if (standing !== 'quick') count.unproven += number;
      }
      return count;
    },
    countFor: (endpointId) => taken.get(endpointId) ?? 0,
    standingOf,
    releaseWaiting,
    settled,
    async abort() {
      releaseWaiting();
      stopping.abort();
      await settled();
    },
  };
}

interface Waiting {
  readonly delivery: TakenDelivery;
  readonly body: string | null;
  readonly since: number;
}

function add(counts: Map<string, number>, key: string, more: number): void {
  const count = (counts.get(key) ?? 0) + more;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
