import type { IncomingMessage } from 'node:http';
import type { MemoryBudget } from './memory-budget.ts';

/** A longer body than this is not even read to its end: the connection is cut. */
const maxDrainedBytes = 67_108_864;

/** The client is to blame: it went away in the middle of its request, or sent far too much. */
export class Unreceived extends Error {
  override readonly name = 'Unreceived';
}

/** The whole body, or null when it is too long. It is read to its end all the same, so that the client hears the answer. */
export function readBody(incoming: IncomingMessage, maxBytes: number, budget: MemoryBudget): Promise<Buffer | null> {
  const { socket } = incoming;
  return new Promise<Buffer | null>((resolve, reject) => {
    const giveUp = (reason: string) => {
      budget.release(incoming);
      reject(new Unreceived(reason));
    };
    if (incoming.destroyed) giveUp('the client went away'); // while it waited for its turn
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
      if (length > maxDrainedBytes) giveUp('the body is far too long');
    });
    incoming.on('end', () => {
      budget.release(incoming);
      resolve(length > maxBytes ? null : Buffer.concat(chunks));
    });
    incoming.on('error', () => giveUp('the client went away'));
  });
}
