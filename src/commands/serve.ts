import type { App } from '../app.ts';
import { signingKeySecret } from '../auth/private-keys.ts';
import { findWarnings, readConfig } from '../config.ts';
import { describe } from '../db/adapters.ts';
import { databaseOptions } from '../db/database-options.ts';
import { ensureSchema } from '../db/migrate.ts';
import { locateSchema } from '../db/postgresql-schema.ts';
import { mayShowGraphiQL } from '../graphql/graphiql-assets.ts';
import { createLog } from '../log.ts';
import { warmUpPasswords } from '../passwords/passwords.ts';
import { createApp, startServer } from '../server.ts';
import { stopProcess } from './stop-process.ts';

const warmUpDelayMs = 3000;

/** `roster serve`: sees that the schema is up to date, listens, and stops gracefully on SIGTERM and SIGINT. */
export async function serve({ migrate: mayMigrate = false } = {}): Promise<void> {
  const config = readConfig();
  signingKeySecret(config); // refuses to start before anything is touched
  const log = createLog(config);
  for (const warning of findWarnings(config)) log.warn(warning);
  const database = await locateSchema(databaseOptions(config));
  const applied = await ensureSchema(database, mayMigrate);
  if (applied.length > 0) log.info({ migrations: applied }, 'migrated the database');

  const app = await createApp(config, log, database);
  await prepareSigningKeys(app);
  const server = await startServer(app);
  app.developmentKey = await makeDevelopmentKey(app);
  // It stops the process for half a second, which the first answers should not wait for.
  setTimeout(() => void warmUpPasswords(config), warmUpDelayMs).unref();
  process.stdout.write(welcome(app, server.url, describe(database)));

  const stop = (signal: string) => {
    log.info({ signal }, 'stopping: the requests in flight finish');
    stopProcess(server, log, config.SHUTDOWN_TIMEOUT_MS);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));
}

async function prepareSigningKeys({ db, signingKeys, now }: App): Promise<void> {
  try {
    await signingKeys.prepare(now());
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** A key for the first steps, where there has never been one. Made after listening: a failed start must not lose it. */
async function makeDevelopmentKey({ config, apiKeys }: App): Promise<string | null> {
  if (config.NODE_ENV === 'production' || (await apiKeys.list()).length > 0) return null;
  return (await apiKeys.create('development')).key;
}

function welcome({ config, developmentKey: key }: App, url: string, database: string): string {
  const lines = [
    '',
    '  Roster is running.',
    '',
    mayShowGraphiQL(config) ? `  GraphiQL   ${url}/graphql` : `  GraphQL    ${url}/graphql`,
    `  Health     ${url}/health and ${url}/ready`,
    `  Database   ${database}`,
    key
      ? `  API key    ${key}\n             Made for development, because there was none. It is not shown again.`
      : null,
    key ? null : '  API key    npx roster api-key create NAME makes one.',
    '',
    '',
  ];
  return lines.filter((line) => line !== null).join('\n');
}
