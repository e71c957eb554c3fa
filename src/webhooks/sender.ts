import { type Agent as HttpAgent, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { type Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { afterRunning } from '../jobs/time-limit.ts';
import { readAnswer } from './answer-text.ts';
import { assertPublic, failureReason, NotDelivered } from './failure-reasons.ts';
import { lookupWith, type Resolve, resolveByNetwork } from './lookup.ts';
import { parseRetryAfter } from './schedule.ts';

export interface Delivered {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What became of an attempt. Only a status of 2xx says that the receiver has it. */
export interface Attempted {
  /** Null where there was no answer. */
  readonly status: number | null;
  /** Why there was none, without values; null where there was one. */
  readonly reason: string | null;
  /** The beginning of the answer, 1 KB at most; null where there was none. */
  readonly answer: string | null;
  /** When the receiver asked not to come again before, in ms from now; null where it did not. */
  readonly retryAfterMs: number | null;
}

/** Sends webhooks to where others want them: to public addresses alone, and to no other that an answer or a name leads to. */
export interface Sender {
  /** One attempt; never rejects. With the signal it ends early, as one without an answer. */
  send(delivered: Delivered, signal: AbortSignal): Promise<Attempted>;
  close(): void;
}

export interface SenderOptions {
  /** Whether this host may be at an address that is not public, and be asked without TLS. */
  readonly mayBePrivate: (hostname: string) => boolean;
  readonly timeouts?: { readonly totalMs: number; readonly connectMs: number };
  readonly resolve?: Resolve;
  /** Certificates of authorities, besides those that Node.js knows. */
  readonly ca?: string;
}

const defaultTimeouts = { totalMs: 15_000, connectMs: 5000 };

/** An idle connection is kept for a burst of events, and no longer: its address was looked up when it was opened. */
const idleMs = 4000;

const agentOptions = { keepAlive: true, timeout: idleMs, scheduling: 'lifo' } as const;

export function createSender(options: SenderOptions): Sender {
  const { mayBePrivate, timeouts = defaultTimeouts, resolve = resolveByNetwork, ca } = options;
  const toPublic = createRoutes({
    agents: { https: new RequestFilteringHttpsAgent({ ...agentOptions, ca }) },
    resolve,
    assertAllowed: assertPublic,
  });
  const allowed = { allowPrivateIPAddress: true, allowMetaIPAddress: true };
  const toAny = createRoutes({
    agents: {
      https: new RequestFilteringHttpsAgent({ ...agentOptions, ...allowed, ca }),
      http: new RequestFilteringHttpAgent({ ...agentOptions, ...allowed }),
    },
    resolve,
    assertAllowed: () => {},
  });
  return {
    async send({ url, headers, body }, signal) {
      const overall = limitedIn(timeouts.totalMs, signal);
      try {
        const target = new URL(url);
        const route = (mayBePrivate(target.hostname) ? toAny : toPublic).to(target);
        const options = {
          ...route,
          method: 'POST',
          signal: overall.signal,
          headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
        };
        return await attempt({ url: target, options, body, connectMs: timeouts.connectMs });
      } catch (error) {
        const reason = overall.signal.aborted ? 'There was no answer in time.' : failureReason(error);
        return { status: null, reason, answer: null, retryAfterMs: null };
      } finally {
        overall.end();
      }
    },
    close() {
      toPublic.close();
      toAny.close();
    },
  };
}

/** A signal that is aborted with another, or after so long. AbortSignal.any would keep one for each attempt at that other. */
function limitedIn(timeoutMs: number, other: AbortSignal): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const putOff = afterRunning(timeoutMs, abort);
  other.addEventListener('abort', abort);
  if (other.aborted) abort();
  return {
    signal: controller.signal,
    end() {
      putOff();
      other.removeEventListener('abort', abort);
    },
  };
}

interface Call {
  readonly url: URL;
  readonly options: RequestOptions;
  readonly body: string;
  readonly connectMs: number;
}

interface Routes {
  /** How a URL is reached; throws NotDelivered where it must not be. */
  to(url: URL): RequestOptions;
  close(): void;
}

interface RoutesGiven {
  readonly agents: { readonly https: HttpsAgent; readonly http?: HttpAgent };
  readonly resolve: Resolve;
  readonly assertAllowed: (address: string) => void;
}

function createRoutes({ agents: { https, http }, resolve, assertAllowed }: RoutesGiven): Routes {
  const lookup = lookupWith(resolve, assertAllowed);
  return {
    to({ protocol, hostname }) {
      const agent = protocol === 'https:' ? https : http;
      if (!agent) throw new NotDelivered('The URL does not begin with https://.');
      assertAllowed(hostname.replace(/^\[|\]$/g, '')); // an address in a URL is not looked up
      return { agent, lookup, autoSelectFamily: true } as RequestOptions;
    },
    close() {
      https.destroy();
      http?.destroy();
    },
  };
}

async function attempt(call: Call): Promise<Attempted> {
  const response = await exchange(call);
  const { statusCode = 0, headers } = response;
  // What the receiver has said counts, whatever becomes of the rest.
  const answer = await readAnswer(response).catch(() => '');
  return {
    status: statusCode,
    reason: null,
    answer,
    retryAfterMs: parseRetryAfter(headers['retry-after'], new Date()),
  };
}

/** A connection that was idle may have been closed by the other side at this very moment: then on another one. */
async function exchange(call: Call): Promise<IncomingMessage> {
  const first = await post(call);
  if ('response' in first) return first.response;
  const second = first.wasReused && !call.options.signal?.aborted ? await post(call) : first;
  if ('response' in second) return second.response;
  throw second.error;
}

type Exchange = { readonly response: IncomingMessage } | { readonly error: Error; readonly wasReused: boolean };

function post({ url, body, options, connectMs }: Call): Promise<Exchange> {
  return new Promise((resolve) => {
    const isSecure = url.protocol === 'https:';
    const request = (isSecure ? requestHttps : requestHttp)(url, options);
    const connected = afterRunning(connectMs, () =>
      request.destroy(new NotDelivered('The host did not take the connection in time.')),
    );
    request.on('socket', (socket: Socket) =>
      request.reusedSocket ? connected() : socket.once(isSecure ? 'secureConnect' : 'connect', connected),
    );
    request.on('response', (response) => resolve({ response }));
    request.on('error', (error) => {
      connected();
      const wasReused = request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      resolve({ error, wasReused });
    });
    request.end(body);
  });
}
