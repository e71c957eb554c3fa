import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Connection {
  readonly socket: Socket;
  /** Everything received until the other side closed the connection. */
  readonly received: Promise<string>;
}

/** A bare TCP connection, for requests that no HTTP client would send. */
export async function openConnection(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const received = new Promise<string>((resolve) => {
    socket.on('error', () => {}); // a reset also ends in `close`
    socket.once('close', () => resolve(text));
  });
  await once(socket, 'connect');
  return { socket, received };
}

/** Sends these bytes as they are and answers all that comes back until the server ends the connection. */
export async function exchange(url: string, ...parts: (string | Uint8Array)[]): Promise<string> {
  const { socket, received } = await openConnection(url);
  for (const part of parts) socket.write(part);
  return received;
}
