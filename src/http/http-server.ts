import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from 'pino';
import type { DevelopmentKey } from '../graphql/graphiql/page-handler.ts';
import { nowAndThen } from '../log/now-and-then.ts';
import type { HttpApp } from './http-app.ts';
import { answerExpectation, createListener } from './listener.ts';
import { answerUnreadable } from './malformed-requests.ts';
import { createMemoryBudget } from './memory-budget.ts';
import { createHandler } from './router.ts';

/** What all requests and answers under way may hold together: a little more than the longest answer, and far more than a busy server needs. */
const maxBytesUnderWay = 26_214_400;

/** While stopping: a connection that has sent nothing for so long has no request under way. */
const silentMs = 100;

export interface HttpServer {
  /** Where it listens: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Takes no new connections, lets the requests in flight finish, and cuts them off after `SHUTDOWN_TIMEOUT_MS`. */
  close(): Promise<void>;
}

/** Listens on the configured address and port; throws when it cannot. */
export async function listen(app: HttpApp, developmentKey?: DevelopmentKey): Promise<HttpServer> {
  const { config, log } = app;
  const server: Server = createServer(
    serverOptions(config),
    createListener(createHandler(app, developmentKey), {
      log,
      budget: createMemoryBudget(maxBytesUnderWay, tellOfGivenUp(log)),
      maxBodyBytes: config.MAX_BODY_BYTES,
      writeTimeoutMs: config.WRITE_TIMEOUT_MS,
      trustedProxies: config.TRUST_PROXY,
      isStopping: () => !server.listening,
      served: app.served,
    }),
  );
  server.maxConnections = config.MAX_CONNECTIONS;
  server.on('drop', tellOfDropped(log, config.MAX_CONNECTIONS));
  server.on('timeout', giveUp);
  server.on('clientError', answerUnreadable);
  server.on('checkExpectation', answerExpectation);
  const sockets = trackSockets(server);
  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');
  server.on('error', (error) => log.error({ err: error }, 'a connection could not be accepted'));

  return {
    url: urlOf(server.address() as AddressInfo),
    async close() {
      const cut = setTimeout(() => destroyAll(sockets), config.SHUTDOWN_TIMEOUT_MS);
      const drop = setTimeout(() => destroyAll([...sockets].filter(isSilent)), silentMs);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(cut);
      clearTimeout(drop);
    },
  };
}

function serverOptions(config: HttpApp['config']): ServerOptions {
  return {
    requestTimeout: config.REQUEST_TIMEOUT_MS,
    headersTimeout: Math.min(config.HEADERS_TIMEOUT_MS, config.REQUEST_TIMEOUT_MS || Number.POSITIVE_INFINITY),
    keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: 1000, // Node looks for overdue requests only so often; by default twice a minute
    maxHeaderSize: 16_384,
    requireHostHeader: false, // the listener answers it
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** `server.closeAllConnections` knows only those that Node takes for HTTP; one that sent something else would hold it. */
function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** `server.close` ends the connections between two requests, but not those that have not asked for anything yet. */
function isSilent(socket: Socket): boolean {
  return socket.bytesRead === 0;
}

/** An answer that is not taken is forgotten by the kernel, too; a connection between two requests ends as ever. */
function giveUp(socket: Socket): void {
  if (socket.writableLength > 0) socket.resetAndDestroy();
  else socket.destroy();
}

function destroyAll(sockets: Iterable<Socket>): void {
  for (const socket of sockets) socket.destroy();
}

function tellOfDropped(log: Logger, maxConnections: number) {
  return nowAndThen((dropped) =>
    log.warn({ dropped, maxConnections }, 'connections were refused: MAX_CONNECTIONS are open'),
  );
}

function tellOfGivenUp(log: Logger) {
  return nowAndThen((givenUp) =>
    log.warn({ givenUp }, 'connections were cut: too many requests arrive slowly, or too many answers are not taken'),
  );
}
