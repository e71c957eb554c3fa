import type { ServerResponse } from 'node:http';
import type { HttpResponse } from '../request/messages.ts';

/**
 * Sends a stream as it comes, and no faster than it is taken; who takes nothing for so long is cut. Its connection ends with
 * it: one that goes on could hold a server that stops.
 */
export async function sendStream(
  outgoing: ServerResponse,
  { status, headers }: HttpResponse,
  body: AsyncIterable<Uint8Array>,
  writeTimeoutMs: number,
): Promise<void> {
  const chunks = body[Symbol.asyncIterator]();
  outgoing.once('close', () => chunks.return?.().catch(() => {})); // it may not be told twice
  if (outgoing.req.socket.destroyed) outgoing.destroy(); // the client went away before there was an answer
  outgoing.shouldKeepAlive = false;
  outgoing.writeHead(status, [...headers].flat());
  try {
    for (;;) {
      const { done, value } = await chunks.next();
      if (done || outgoing.destroyed) break;
      if (!outgoing.write(value)) await taken(outgoing, writeTimeoutMs);
    }
  } catch (error) {
    if (!outgoing.destroyed) throw error; // a stream that nobody reads any more breaks off
  }
  outgoing.end();
}

async function taken(outgoing: ServerResponse, timeoutMs: number): Promise<void> {
  const { socket } = outgoing.req;
  socket.setTimeout(timeoutMs); // counts from the last progress
  await new Promise<void>((resolve) => {
    const end = () => {
      outgoing.off('drain', end).off('close', end);
      resolve();
    };
    outgoing.on('drain', end).on('close', end);
  });
  socket.setTimeout(0);
}
