import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is not false, null or undefined; fails when that takes too long. Pauses of the machine do not count. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  deadlineMs = 30_000,
): Promise<T> {
  for (let leftMs = deadlineMs; ; ) {
    const askedAt = performance.now();
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer;
    if (leftMs <= 0) throw new Error(`waited in vain for ${what}`);
    await sleep(20);
    leftMs -= Math.min(performance.now() - askedAt, 1000);
  }
}

/** A port that was free a moment ago, for a server that cannot say which one it took. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
