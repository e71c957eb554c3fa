import type { IncomingMessage } from 'node:http';
import type { HttpHeaders, HttpRequest, HttpResponse } from '../request/messages.ts';
import { badRequest, refuse, unknownTransfer } from './malformed-requests.ts';
import { readTarget } from './request-target.ts';

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
export function toRequest(incoming: IncomingMessage, body: Buffer | null): HttpRequest | HttpResponse {
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
export function isForwarded({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion === '1.0' || ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'].some((name) => name in headers);
}
