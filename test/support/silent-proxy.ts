import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface SilentProxy {
  readonly port: number;
  /**
   * When a client next sends all of these texts as one packet, it and what follows on the connections there are then is carried
   * no more, and nobody is told: as when a machine or a network vanishes.
   */
  silenceAt(...texts: string[]): void;
  isSilent(): boolean;
  close(): Promise<void>;
}

/** Passes connections on to a local port. */
export async function startProxy(targetPort: number): Promise<SilentProxy> {
  const pairs = new Set<[Socket, Socket]>();
  const silent: Socket[] = [];
  let signal: readonly string[] | null = null;

  /** Neither end hears that the other one closes its connection. */
  function silence(): void {
    signal = null;
    for (const socket of [...pairs].flat()) silent.push(socket.removeAllListeners('data').resume());
    pairs.clear();
  }

  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    const pair: [Socket, Socket] = [client, target];
    pairs.add(pair);
    client.on('data', (chunk) => {
      if (signal?.every((text) => chunk.includes(text))) silence();
      else target.write(chunk);
    });
    target.on('data', (chunk) => client.write(chunk));
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        if (pairs.delete(pair)) for (const each of pair) each.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    silenceAt(...texts) {
      signal = texts;
    },
    isSilent: () => silent.length > 0,
    async close() {
      for (const socket of [...silent, ...pairs].flat()) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
