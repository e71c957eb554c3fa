import { connect, type Socket } from 'node:net';

/**
 * Drives a server over so many connections for some seconds. `run` sends on one of them, and the next request when the answer
 * to the last is in, until `isRunning` says no; then it resolves. Answers the seconds that it took.
 */
export async function drive(
  port: number,
  connections: number,
  seconds: number,
  run: (socket: Socket, isRunning: () => boolean) => Promise<void>,
): Promise<number> {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, '127.0.0.1');
      socket.setNoDelay(true);
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      await run(socket, () => performance.now() < endsAt);
      socket.removeAllListeners('close').destroy();
    }),
  );
  return (performance.now() - startedAt) / 1000;
}

/** What a load of so many seconds came to; latencies in milliseconds. */
export function summarise(latencies: number[], elapsed: number, failures: number) {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { requests: sorted.length, perSecond: sorted.length / elapsed, p50: at(0.5), p99: at(0.99), failures };
}
