import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { HttpResponse } from '../request/messages.ts';
import { clientAddress, isLoopback } from './client-address.ts';
import { isForwarded, toRequest } from './incoming-request.ts';
import { expectationFailed, refuse } from './malformed-requests.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { readBody, Unreceived } from './read-body.ts';
import type { Handler } from './router.ts';
import { sendStream } from './send-stream.ts';
import { createTurns } from './turns.ts';

/** In characters. What is shorter is faster sent as a text, in one piece with its headers. */
const longBody = 65_536;

export interface ListenerOptions {
  readonly log: Logger;
  readonly budget: MemoryBudget;
  readonly maxBodyBytes: number;
  /** How long a client may take nothing of an answer; 0 for ever. */
  readonly writeTimeoutMs: number;
  /** How many proxies in front are believed when they say whom they speak for. */
  readonly trustedProxies: number;
  /** While the server stops, an answer also ends its connection. */
  readonly isStopping: () => boolean;
  readonly served: { requests: number };
}

/** Connects Node's server to a handler: reads bodies up to a limit and writes the answers. */
export function createListener(handle: Handler, options: ListenerOptions) {
  const { log, budget, maxBodyBytes, trustedProxies, isStopping, served } = options;
  const begin = createTurns();

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming, maxBodyBytes, budget);
    served.requests += 1;
    const request = toRequest(incoming, body);
    const address = clientAddress(incoming, trustedProxies);
    const isLocal = () => isLoopback(incoming.socket.remoteAddress) && !isForwarded(incoming);
    const response =
      'status' in request
        ? request
        : await handle(request, { tooLarge: body === null, notUtf8: body !== null && !isUtf8(body), isLocal, address });
    if (isStopping()) outgoing.shouldKeepAlive = false;
    if (isStream(response.body)) return sendStream(outgoing, response, response.body, options.writeTimeoutMs);
    send(outgoing, response);
    if (outgoing.writableLength > 0) awaitTaking(outgoing, response, options);
  }

  /** Ends the connection: an answer that waits behind others of it has none yet. */
  function giveUp(error: unknown, { socket }: IncomingMessage): void {
    if (error instanceof Unreceived) log.debug({ reason: error.message }, 'a request was given up');
    else log.error({ err: error }, 'unexpected error');
    socket.destroy();
  }

  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const isTaken = begin(incoming.socket, () => {
      answer(incoming, outgoing).catch((error: unknown) => giveUp(error, incoming));
    });
    if (!isTaken) giveUp(new Unreceived('too many requests of this connection wait'), incoming);
  };
}

/** What the client has not taken at once is given up when it takes nothing more of it for long, or when too much waits. */
function awaitTaking(outgoing: ServerResponse, { body }: HttpResponse, { budget, writeTimeoutMs }: ListenerOptions) {
  const { socket } = outgoing.req;
  socket.setTimeout(writeTimeoutMs); // counts from the last progress; Node sets its own for the time between two requests
  if (typeof body !== 'string') return; // shared by all who ask for it
  outgoing.once('close', () => budget.release(outgoing));
  budget.hold(outgoing, socket, Buffer.byteLength(body));
}

/** Answers an `Expect` header that asks for something else than `100-continue`. Whether a body follows, nobody knows. */
export function answerExpectation(_incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.shouldKeepAlive = false;
  send(outgoing, refuse(417, expectationFailed));
}

/**
 * A long body as bytes: Node writes those as they are. A text it first copies, where V8 does not see it and collects no garbage
 * for it, and both stay while the answer is not taken.
 */
function toBytes(body: WholeBody): WholeBody {
  return typeof body === 'string' && body.length > longBody ? Buffer.from(body) : body;
}

function isStream(body: HttpResponse['body']): body is AsyncIterable<Uint8Array> {
  return body !== null && typeof body === 'object' && Symbol.asyncIterator in body;
}

type WholeBody = Exclude<HttpResponse['body'], AsyncIterable<Uint8Array>>;

function send(outgoing: ServerResponse, { status, headers, body: given }: HttpResponse): void {
  const body = toBytes(given as WholeBody);
  if (body !== null) headers.set('content-length', String(Buffer.byteLength(body)));
  const lines: string[] = [];
  for (const [name, value] of headers) lines.push(name, value);
  outgoing.writeHead(status, lines);
  outgoing.end(body);
}
