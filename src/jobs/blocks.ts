import { setTimeout as sleep } from 'node:timers/promises';

/** Between two blocks everybody else has their turn. */
const pauseMs = 20;

/**
 * Does a long piece of work in blocks, each of which answers where the next one begins, until one answers that there is none.
 * Rejects between two blocks when the signal is aborted.
 */
export async function inBlocks(
  signal: AbortSignal,
  work: (cursor: string) => Promise<string | undefined>,
): Promise<void> {
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    signal.throwIfAborted();
    cursor = await work(cursor);
    await sleep(pauseMs, undefined, { signal, ref: false });
  }
}
