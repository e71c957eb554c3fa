import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { selfSignedCertificate } from '../../src/signing-keys/certificate.ts';

export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How a receiver answers: with 200, unless it is told otherwise. */
type Answer = (response: ServerResponse, webhook: ReceivedWebhook, count: number) => void;

export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** Everything that came, the oldest first. */
  readonly webhooks: ReceivedWebhook[];
  readonly connections: () => number;
  /** The certificate, where it has one: for the name `roster`. */
  readonly ca: string;
  answer(answer: Answer): void;
  close(): Promise<void>;
}

interface ReceiverOptions {
  readonly isSecure?: boolean;
  readonly host?: string;
}

/** A real server that webhooks are sent to. Closed after the test. */
export async function startReceiver({ isSecure = false, host = '127.0.0.1' }: ReceiverOptions = {}): Promise<Receiver> {
  const webhooks: ReceivedWebhook[] = [];
  let answer: Answer = (response) => response.end('ok');
  const tls = isSecure ? newCertificate() : null;
  const server = tls ? createSecureServer(tls) : createServer();
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  server.on('request', async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const webhook = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
    webhooks.push(webhook);
    answer(response, webhook, webhooks.length);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  onTestFinished(close);
  return {
    url: `${isSecure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}/hooks`,
    port,
    webhooks,
    connections: () => connections,
    ca: tls?.cert ?? '',
    answer(next) {
      answer = next;
    },
    close,
  };
}

function newCertificate(): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = selfSignedCertificate(publicKey, privateKey, new Date(Date.now() - 3_600_000));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}
