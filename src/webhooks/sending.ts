import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { type Secrets, Unsealable } from '../secrets/secrets.ts';
import { maxPerProcess, type Standing } from './choose.ts';
import type { EndedDelivery, TakenDelivery } from './delivery-rows.ts';
import { type Ended, isDelivered, isTest } from './outcome.ts';
import type { Attempted, Sender } from './sender.ts';
import { webhookRequest } from './webhook-request.ts';

/** An endpoint that takes a delivery within so long is quick. */
const quickMs = 1000;

export interface SendingGiven {
  readonly log: Logger;
  readonly now: () => Date;
  readonly secrets: Secrets;
  readonly sender: Sender;
}

/** What one process sends just now. */
export interface Sending {
  /** Sends a delivery with the text of its event; null: that is no longer kept. */
  begin(delivery: TakenDelivery, body: string | null): void;
  /** How many; and to how many endpoints of these standings. */
  count(): { all: number; slow: number; unproven: number };
  standingOf(endpointId: string): Standing;
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
  const running = new Map<string, { readonly endpointId: string; readonly done: Promise<void> }>();
  const standings = new Map<string, Standing>();
  const stopping = new AbortController();
  setMaxListeners(maxPerProcess, stopping.signal);

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

  async function run(delivery: TakenDelivery, body: string | null): Promise<void> {
    const ended = await send(delivery, body);
    running.delete(delivery.id);
    onEnd({ delivery, ended });
  }

  const standingOf = (endpointId: string) => standings.get(endpointId) ?? 'unknown';
  const settled = async () => void (await Promise.all([...running.values()].map(({ done }) => done)));
  return {
    begin(delivery, body) {
      const endpointId = delivery.endpoint.id;
      running.set(delivery.id, { endpointId, done: Promise.resolve().then(() => run(delivery, body)) });
    },
    count() {
      const all = [...running.values()].map(({ endpointId }) => standingOf(endpointId));
      const unproven = all.filter((standing) => standing !== 'quick');
      return {
        all: all.length,
        slow: unproven.filter((standing) => standing === 'slow').length,
        unproven: unproven.length,
      };
    },
    standingOf,
    settled,
    async abort() {
      stopping.abort();
      await settled();
    },
  };
}
