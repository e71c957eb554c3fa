import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from 'pino';
import type { App } from './app.ts';
import { createApiKeys } from './auth/api-keys.ts';
import { createLimiters } from './auth/limiters.ts';
import { createOutsideTokens } from './auth/outside-tokens.ts';
import { signingKeySecret } from './auth/private-keys.ts';
import { createRateLimits } from './auth/rate-limits.ts';
import { createSignInLimits } from './auth/sign-in-limits.ts';
import { createSigningKeys } from './auth/signing-keys.ts';
import type { Config } from './config.ts';
import { type Counters, openCounters } from './db/counters.ts';
import { type Database, openDatabase } from './db/database.ts';
import { databaseOptions } from './db/database-options.ts';
import { OperatorError } from './errors.ts';
import { readPersistedDocuments } from './graphql/persisted-documents.ts';
import { createHandler } from './http.ts';
import { answerExpectation, answerUnreadable, createListener } from './listener.ts';
import { createPasswords } from './passwords/passwords.ts';

/** While stopping: a connection that has sent nothing for so long has no request under way. */
const silentMs = 100;

const pauseBetweenWarningsMs = 10_000;

export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Takes no new connections, lets the requests in flight finish, closes the database. */
  stop(): Promise<void>;
}

/** Puts the service together over a database whose schema is up to date. */
export async function createApp(config: Config, log: Logger): Promise<App> {
  const now = () => new Date();
  const secret = signingKeySecret(config);
  const persistedDocuments = readPersistedDocuments(config.PERSISTED_DOCUMENTS);
  const db = await openDatabase({ ...databaseOptions(config), onUnavailable: warnNowAndThen(log) });
  const limiters = createLimiters(await sharedCounters(config, db));
  return {
    config,
    log,
    db,
    passwords: createPasswords(config, log),
    apiKeys: createApiKeys(db, log, now),
    signingKeys: createSigningKeys(db, secret, log),
    outsideTokens: createOutsideTokens(config, log),
    signInLimits: createSignInLimits(config, limiters),
    rateLimits: createRateLimits(config, limiters),
    persistedDocuments,
    developmentKey: null,
    now,
  };
}

/** For each database one line in ten seconds: while it is away, every request fails. */
function warnNowAndThen(log: Logger) {
  const nextAt = new Map<string, number>();
  return (database: string, reason: string) => {
    if (performance.now() < (nextAt.get(database) ?? 0)) return;
    nextAt.set(database, performance.now() + pauseBetweenWarningsMs);
    log.warn({ database, reason }, 'the database is busy or away');
  };
}

/** Where all processes count together; null where each counts for itself. */
async function sharedCounters({ RATE_LIMIT_STORE }: Config, db: Database): Promise<Counters | null> {
  if (RATE_LIMIT_STORE === 'memory' || !db.queryable) return null;
  try {
    return await openCounters(db.queryable);
  } catch (error) {
    await db.close();
    throw new OperatorError(
      `The table of rate limits cannot be made: ${(error as Error).message}. Give the database user the right to make tables, or make it once by hand.`,
    );
  }
}

/** Listens on the configured address and port; closes the database when stopped, and when it cannot listen. */
export async function startServer(app: App): Promise<RunningServer> {
  const { config } = app;
  const server: Server = createServer(
    {
      requestTimeout: config.REQUEST_TIMEOUT_MS,
      headersTimeout: Math.min(config.HEADERS_TIMEOUT_MS, config.REQUEST_TIMEOUT_MS || Number.POSITIVE_INFINITY),
      connectionsCheckingInterval: 1000, // Node looks for overdue requests only so often; by default twice a minute
      maxHeaderSize: 16_384,
      requireHostHeader: false, // the listener answers it
    },
    createListener(createHandler(app), {
      maxBodyBytes: config.MAX_BODY_BYTES,
      trustedProxies: config.TRUST_PROXY,
      isStopping: () => !server.listening,
    }),
  );
  server.on('clientError', answerUnreadable);
  server.on('checkExpectation', answerExpectation);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  try {
    server.listen(config.PORT, config.HOST);
    await once(server, 'listening');
  } catch (error) {
    await app.db.close();
    throw error;
  }
  const { address, family, port } = server.address() as AddressInfo;
  const host = family === 'IPv6' ? `[${address}]` : address;

  return {
    url: `http://${host}:${port}`,
    async stop() {
      const cut = setTimeout(() => server.closeAllConnections(), config.SHUTDOWN_TIMEOUT_MS);
      const drop = setTimeout(() => dropSilent(sockets), silentMs);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(cut);
      clearTimeout(drop);
      await app.db.close();
    },
  };
}

/** `server.close` ends the connections between two requests, but not those that have not asked for anything yet. */
function dropSilent(sockets: Iterable<Socket>): void {
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
}
