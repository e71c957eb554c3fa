import type { Logger } from 'pino';
import type { App } from './app.ts';
import { createApiKeys } from './auth/api-keys.ts';
import { createExternalIssuer } from './auth/external-issuer.ts';
import type { Config } from './config/config.ts';
import { type Database, openDatabase } from './db/database.ts';
import { databaseOptions } from './db/database-options.ts';
import { type Counters, openCounters } from './db/postgresql/counters.ts';
import { OperatorError } from './errors.ts';
import { readPersistedDocuments } from './graphql/execution/persisted-documents.ts';
import type { DevelopmentKey } from './graphql/graphiql/page-handler.ts';
import { listen } from './http/http-server.ts';
import { createLimiters } from './limits/limiters.ts';
import { createNewPasswordLimits } from './limits/new-password-limits.ts';
import { createRateLimits } from './limits/rate-limits.ts';
import { createSignInLimits } from './limits/sign-in-limits.ts';
import { createPasswords } from './passwords/passwords.ts';
import { signingKeySecret } from './signing-keys/private-keys.ts';
import { createSigningKeys } from './signing-keys/signing-keys.ts';

const pauseBetweenWarningsMs = 10_000;

export type StopPhase = 'requests' | 'database';

export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Takes no new connections, lets the requests in flight finish, closes the database; tells what it is about to wait for. */
  stop(enter?: (phase: StopPhase) => void): Promise<void>;
}

/** Puts the service together over a database whose schema is up to date. */
export async function createApp(config: Config, log: Logger, options = databaseOptions(config)): Promise<App> {
  const now = () => new Date();
  const secret = signingKeySecret(config);
  const persistedDocuments = readPersistedDocuments(config.PERSISTED_DOCUMENTS);
  const db = await openDatabase({ ...options, onUnavailable: warnNowAndThen(log) });
  const limiters = createLimiters(await sharedCounters(config, db));
  return {
    config,
    log,
    db,
    passwords: createPasswords(config, log),
    apiKeys: createApiKeys(db, log, now),
    signingKeys: createSigningKeys(db, secret, log),
    externalIssuer: createExternalIssuer(config, log),
    signInLimits: createSignInLimits(config, limiters),
    newPasswordLimits: createNewPasswordLimits(limiters),
    rateLimits: createRateLimits(config, limiters),
    persistedDocuments,
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
  if (RATE_LIMIT_STORE === 'memory' || !db.queryable || db.schema === null) return null;
  try {
    return await openCounters(db.queryable, db.schema);
  } catch (error) {
    await db.close();
    throw new OperatorError(
      `The table of rate limits cannot be made: ${(error as Error).message}. Give the database user the right to make tables, or make it once by hand.`,
    );
  }
}

/** Listens on the configured address and port; closes the database when stopped, and when it cannot listen. */
export async function startServer(app: App, developmentKey?: DevelopmentKey): Promise<RunningServer> {
  try {
    const { url, close } = await listen(app, developmentKey);
    return {
      url,
      async stop(enter = () => {}) {
        enter('requests');
        await close();
        enter('database');
        await app.db.close();
      },
    };
  } catch (error) {
    await app.db.close();
    throw error;
  }
}
