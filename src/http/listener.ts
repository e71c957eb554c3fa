import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type HttpHeaders, type HttpRequest, type HttpResponse, jsonResponse } from '../request/messages.ts';
import { clientAddress, isLoopback } from './client-address.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { readTarget } from './request-target.ts';
import type { Handler } from './router.ts';
import { secure, securityHeaders } from './security-headers.ts';
import { sendStream } from './send-stream.ts';
import { createTurns } from './turns.ts';

/** A longer body than this is not even read to its end: the connection is cut. */
const maxDrainedBytes = 67_108_864;

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
    if (!outgoing.writableFinished) awaitTaking(outgoing, response, options);
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

function refuse(status: number, body: object): HttpResponse {
  const answer = jsonResponse(status, body, { 'x-request-id': randomUUID() });
  secure(answer.headers);
  return answer;
}

const badRequest = { code: 'bad_request', message: 'This is not a well-formed HTTP request.' };
const expectationFailed = { code: 'expectation_failed', message: 'Of `Expect`, only `100-continue` is understood.' };
const unknownTransfer = {
  code: 'not_implemented',
  message: 'Of `Transfer-Encoding`, only `chunked` is understood.',
};
const tooSlow = { code: 'request_timeout', message: 'The request took too long to arrive.' };
const headersTooLarge = { code: 'headers_too_large', message: 'The headers of the request are too long.' };

/** Answers what Node could not read as a request, in the form of every other answer. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, body] = unreadable(error.code);
  const text = JSON.stringify(body);
  const headers = [
    `HTTP/1.1 ${status}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
    `x-request-id: ${randomUUID()}`,
    ...securityHeaders.map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${text}`);
}

function unreadable(code: string | undefined): [status: string, body: object] {
  if (code === 'HPE_HEADER_OVERFLOW') return ['431 Request Header Fields Too Large', headersTooLarge];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ['408 Request Timeout', tooSlow];
  return ['400 Bad Request', badRequest];
}

/** The client is to blame: it went away in the middle of its request, or sent far too much. */
class Unreceived extends Error {
  override readonly name = 'Unreceived';
}

/** The whole body, or null when it is too long. It is read to its end all the same, so that the client hears the answer. */
function readBody(incoming: IncomingMessage, maxBytes: number, budget: MemoryBudget): Promise<Buffer | null> {
  const { socket } = incoming;
  return new Promise<Buffer | null>((resolve, reject) => {
    if (incoming.destroyed) reject(new Unreceived('the client went away')); // while it waited for its turn
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) {
        chunks.push(chunk);
        budget.hold(incoming, socket, chunk.length);
      } else {
        chunks.length = 0;
        budget.release(incoming);
      }
      if (length > maxDrainedBytes) reject(new Unreceived('the body is far too long'));
    });
    incoming.on('end', () => resolve(length > maxBytes ? null : Buffer.concat(chunks)));
    incoming.on('error', () => reject(new Unreceived('the client went away')));
  }).finally(() => budget.release(incoming));
}

/** The headers as they came: Node itself would drop the second of some that are repeated. */
class IncomingHeaders implements HttpHeaders {
  readonly #values: NodeJS.Dict<string[]>;

  constructor({ headersDistinct }: IncomingMessage) {
    this.#values = headersDistinct;
  }

  get(name: string): string | null {
    return this.#values[name]?.join(', ') ?? null;
  }

  *[Symbol.iterator](): Iterator<[string, string]> {
    for (const [name, values] of Object.entries(this.#values)) {
      for (const value of values ?? []) yield [name, value];
    }
  }
}

const utf8 = new TextDecoder();

/** What was asked for, or why it cannot be answered. */
function toRequest(incoming: IncomingMessage, body: Buffer | null): HttpRequest | HttpResponse {
  const { method = 'GET' } = incoming;
  const target = readTarget(incoming);
  if ('problem' in target) return refuse(400, { code: 'bad_request', message: target.problem });
  if (method === 'TRACE') return refuse(400, badRequest); // the platform's Request refuses it, too
  if (!isReadableTransfer(incoming)) return refuse(501, unknownTransfer);
  const text = async () => utf8.decode(body ?? undefined);
  return { method, url: target.url, headers: new IncomingHeaders(incoming), text };
}

/** Node takes the chunks apart, and leaves what another transfer coding did to the bytes (RFC 9112, section 6.1). */
function isReadableTransfer({ headers }: IncomingMessage): boolean {
  return (headers['transfer-encoding'] ?? 'chunked').trim().toLowerCase() === 'chunked';
}

/** A proxy on this machine passes on what others ask: it says so, or speaks HTTP/1.0 as nginx does and no browser. */
function isForwarded({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === '1.0' || ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'].some((name) => name in headers);
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
  outgoing.writeHead(status, [...headers].flat());
  outgoing.end(body);
}
