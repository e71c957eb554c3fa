import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { App } from './app.ts';
import { createApiKeys } from './auth/api-keys.ts';
import { createSignInLimits } from './auth/sign-in-limits.ts';
import type { Config } from './config.ts';
import type { DatabaseOptions } from './db/adapters.ts';
import { openDatabase } from './db/database.ts';
import { createHandler } from './http.ts';
import { createListener } from './listener.ts';
import { createPasswords } from './passwords/passwords.ts';

export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Takes no new connections, lets the requests in flight finish, closes the database. */
  stop(): Promise<void>;
}

/** How the configuration says to open the database. */
export function databaseOptions(config: Config): DatabaseOptions {
  return {
    url: config.DATABASE_URL,
    synchronous: config.SQLITE_SYNCHRONOUS,
    busyTimeoutMs: config.DATABASE_BUSY_TIMEOUT_MS,
  };
}

/** Puts the service together over a database whose schema is up to date. */
export async function createApp(config: Config, log: Logger, developmentKeyName?: string): Promise<App> {
  const now = () => new Date();
  const db = await openDatabase(databaseOptions(config));
  const apiKeys = createApiKeys(db, log, now);
  const developmentKey = developmentKeyName ? (await apiKeys.create(developmentKeyName)).key : null;
  const passwords = createPasswords(config, log);
  return { config, log, db, passwords, apiKeys, signInLimits: createSignInLimits(config), developmentKey, now };
}

/** Listens on the configured address and port; closes the database when stopped. */
export async function startServer(app: App): Promise<RunningServer> {
  const { config } = app;
  const server: Server = createServer(
    {
      requestTimeout: config.REQUEST_TIMEOUT_MS,
      headersTimeout: config.HEADERS_TIMEOUT_MS,
      maxHeaderSize: 16_384,
    },
    createListener(createHandler(app), {
      maxBodyBytes: config.MAX_BODY_BYTES,
      isStopping: () => !server.listening,
    }),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.PORT, config.HOST, resolve);
  });
  const { address, family, port } = server.address() as AddressInfo;
  const host = family === 'IPv6' ? `[${address}]` : address;

  return {
    url: `http://${host}:${port}`,
    async stop() {
      const cut = setTimeout(() => server.closeAllConnections(), config.SHUTDOWN_TIMEOUT_MS);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(cut);
      await app.db.close();
    },
  };
}
