import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Handler } from './http.ts';

/** A longer body than this is not even read to its end: the connection is cut. */
const maxDrainedBytes = 67_108_864;

export interface ListenerOptions {
  readonly maxBodyBytes: number;
  /** While the server stops, an answer also ends its connection. */
  readonly isStopping: () => boolean;
}

/** Connects Node's server to a handler: reads bodies up to a limit and writes the answers. */
export function createListener(handle: Handler, { maxBodyBytes, isStopping }: ListenerOptions) {
  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming, maxBodyBytes);
    const request = toRequest(incoming, body);
    const local = isLoopbackAddress(incoming.socket.remoteAddress);
    const response = request
      ? await handle(request, { tooLarge: body === null, local })
      : new Response('Bad request', { status: 400 });
    if (isStopping()) outgoing.shouldKeepAlive = false;
    await send(outgoing, response);
  }

  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  };
}

/** The whole body, or null when it is too long. It is read to its end all the same, so that the client hears the answer. */
async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxDrainedBytes) throw new Error('The body is far too long.');
    if (length <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return length > maxBytes ? null : Buffer.concat(chunks);
}

function toRequest(incoming: IncomingMessage, body: Buffer | null): Request | null {
  const method = incoming.method ?? 'GET';
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const hasBody = body !== null && body.length > 0 && method !== 'GET' && method !== 'HEAD';
  try {
    const url = `http://${incoming.headers.host ?? 'localhost'}${incoming.url}`;
    return new Request(url, { method, headers, body: hasBody ? new Uint8Array(body) : null });
  } catch {
    return null;
  }
}

function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && /^(::1|(::ffff:)?127\.)/.test(address);
}

async function send(outgoing: ServerResponse, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, [...response.headers].flat());
  outgoing.end(body);
}
