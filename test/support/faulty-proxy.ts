import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** When a connection is cut, seen from PostgreSQL. */
export type Moment = 'before it hears' | 'before it answers';

export interface FaultyProxy {
  readonly port: number;
  /** How many connections it has broken so far. */
  readonly broken: number;
  /**
   * From now on each connection is ended as pg_terminate_backend does, when it has said for the given time that it is ready:
   * both messages come in one packet. Null lets all live.
   */
  endWhenReady(time: number | null): void;
  /**
   * The next time that a client sends this text, its connection breaks at that moment. A transaction about API keys, whose last
   * use is written now and then, goes through.
   */
  cutAt(text: string, moment: Moment): void;
  close(): Promise<void>;
}

/** ReadyForQuery, outside a transaction. */
const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** Passes connections on to the port of a PostgreSQL. */
export async function startFaultyProxy(targetPort: number): Promise<FaultyProxy> {
  const sockets = new Set<Socket>();
  let endAt: number | null = null;
  let cut: { text: string; moment: Moment } | null = null;
  let broken = 0;

  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    let timesReady = 0;
    let isCutOff = false;
    let isAboutKeys = false;

    client.on('data', (chunk: Buffer) => {
      const namesKeys = chunk.includes('key_') && !chunk.includes('event_'); // an event names the key that caused it
      isAboutKeys = namesKeys || (isAboutKeys && !chunk.includes('BEGIN'));
      if (!cut || isAboutKeys || !chunk.includes(cut.text)) return void target.write(chunk);
      broken += 1;
      isCutOff = true;
      if (cut.moment === 'before it hears') client.destroy();
      else target.write(chunk);
      cut = null;
    });
    target.on('data', (chunk: Buffer) => {
      if (isCutOff) return void client.destroy();
      if (chunk.subarray(-ready.length).equals(ready)) timesReady += 1;
      if (endAt === null || timesReady !== endAt) return void client.write(chunk);
      broken += 1;
      client.end(Buffer.concat([chunk, fatal()]));
      target.destroy();
    });
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.end();
        target.end();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    get broken() {
      return broken;
    },
    endWhenReady(time) {
      endAt = time;
    },
    cutAt(text, moment) {
      cut = { text, moment };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** ErrorResponse, as PostgreSQL words it. */
function fatal(): Buffer {
  const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command', ''];
  const body = Buffer.from(fields.map((field) => `${field}\0`).join(''));
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
