import { randomInt } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface HeardAnswer {
  readonly status: number;
  readonly text: string;
  readonly replayed: boolean;
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body?: unknown;
}

export interface DroppingClient {
  /** How many connections it has dropped so far, and how many answers told it to come back. */
  readonly dropped: number;
  readonly sentBack: number;
  /** Sends a request until its answer is heard to the end, whatever becomes of connections and servers meanwhile. */
  until(sent: Sent): Promise<HeardAnswer>;
  /** Sends it once, and listens to the end. */
  once(sent: Sent): Promise<HeardAnswer>;
}

/** So long after a request was sent, in ms, its connection is dropped, if it is. */
const maxPatienceMs = 12;
/** An answer of these is none yet. */
const again = [409, 503];

/** A client that drops every third connection at a random moment, and then sends the same request with the same key. */
export function createDroppingClient(urlOf: () => string, apiKey: string): DroppingClient {
  let [dropped, sentBack] = [0, 0];

  function send({ method, path, key, body }: Sent, patienceMs: number | null): Promise<HeardAnswer | null> {
    const text = body === undefined ? '' : JSON.stringify(body);
    return new Promise((resolve) => {
      const outgoing = request(`${urlOf()}${path}`, {
        method,
        agent: false,
        headers: {
          authorization: `Bearer ${apiKey}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
          'idempotency-key': key,
        },
      });
      outgoing.on('error', () => resolve(null));
      outgoing.on('close', () => resolve(null));
      outgoing.on('response', (incoming) => {
        let heard = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => {
          heard += chunk;
        });
        incoming.on('error', () => resolve(null));
        incoming.on('end', () => {
          const replayed = incoming.headers['idempotent-replayed'] === 'true';
          resolve({ status: incoming.statusCode ?? 0, text: heard, replayed });
        });
      });
      outgoing.end(text);
      if (patienceMs === null) return;
      const timer = setTimeout(() => {
        dropped += 1;
        outgoing.destroy();
      }, patienceMs);
      outgoing.on('close', () => clearTimeout(timer));
    });
  }

  return {
    get dropped() {
      return dropped;
    },
    get sentBack() {
      return sentBack;
    },
    async until(sent) {
      for (;;) {
        const isDropped = randomInt(3) === 0;
        const answer = await send(sent, isDropped ? randomInt(maxPatienceMs) : null);
        const isLater =
          answer &&
          (again.includes(answer.status) ||
            answer.text.includes('"SERVICE_UNAVAILABLE"') ||
            answer.text.includes('"OUTCOME_UNKNOWN"') ||
            answer.text.includes('"IDEMPOTENCY_ERROR"'));
        if (answer && !isLater) return answer;
        if (answer) sentBack += 1;
        if (!isDropped) await sleep(20); // the server is gone, or busy
      }
    },
    async once(sent) {
      const answer = await send(sent, null);
      if (!answer) throw new Error('no answer');
      return answer;
    },
  };
}
