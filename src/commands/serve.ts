import type { Logger } from 'pino';
import type { App } from '../app.ts';
import { commandLine } from '../config/command-line.ts';
import { environment, readConfig } from '../config/config.ts';
import { findWarnings } from '../config/config-checks.ts';
import { describe } from '../config/database-url.ts';
import { describeMail } from '../config/mail-mode.ts';
import { findUnknownNames } from '../config/setting-names.ts';
import type { Config } from '../config/settings.ts';
import { createApp, startServer } from '../create-app.ts';
import { databaseOptions } from '../db/database-options.ts';
import { dialectOf, locateSchema } from '../db/dialects.ts';
import { ensureSchema } from '../db/migrate.ts';
import type { DatabaseOptions } from '../db/options.ts';
import { findDocumentsProblem } from '../graphql/execution/persisted-documents.ts';
import { mayShowGraphiQL, warmUpGraphiQL } from '../graphql/graphiql/assets.ts';
import { createLog } from '../log/log.ts';
import { findTemplatesProblem } from '../mail/template-folder.ts';
import { warmUpPasswords } from '../passwords/passwords.ts';
import { findMissingSecret } from '../secrets/signing-key-secret.ts';
import { stopProcess } from './stop-process.ts';
import { onStopSignal, stopWithParent } from './stop-signals.ts';
import { watchUncaught } from './uncaught.ts';

const warmUpDelayMs = 3000;

/** `roster serve`: sees that the schema is up to date, listens, and stops gracefully on SIGTERM and SIGINT. */
export async function serve({ migrate: mayMigrate = false } = {}): Promise<void> {
  stopWithParent();
  const config = readConfig(environment, [findMissingSecret, findDocumentsProblem, findTemplatesProblem]);
  const log = createLog(config);
  let end: () => void = () => process.exit(1); // until it listens, there is nothing to finish
  watchUncaught(log, () => end());
  for (const warning of [...findWarnings(config), ...findUnknownNames()]) log.warn(warning);
  const database = await locateSchema(databaseOptions(config));
  const applied = await ensureSchema(database, mayMigrate);
  if (applied.length > 0) log.info({ migrations: applied }, 'migrated the database');

  warnOfExposedFiles(database, log);
  const app = await createApp(config, log, database);
  await prepareSigningKeys(app);
  let developmentKey: string | null = null;
  const server = await startServer(app, () => developmentKey);
  developmentKey = await makeDevelopmentKey(app);
  setTimeout(() => void warmUp(config, log), warmUpDelayMs).unref();
  announce(app, server.url, describe(database), developmentKey);

  end = () => stopProcess(server, log, config.SHUTDOWN_TIMEOUT_MS, 1);
  onStopSignal((signal) => {
    log.info({ signal }, 'stopping: the requests in flight finish');
    stopProcess(server, log, config.SHUTDOWN_TIMEOUT_MS);
  });
}

/** It stops the process for half a second, which the first answers should not wait for. */
async function warmUp(config: Config, log: Logger): Promise<void> {
  await warmUpPasswords(config, log);
  await warmUpGraphiQL(config, log);
}

function warnOfExposedFiles(database: DatabaseOptions, log: Logger): void {
  const files = dialectOf(database).findExposedFiles(database);
  if (files.length > 0) log.warn({ files }, 'every user of this machine can read the database: chmod 600 these files');
}

async function prepareSigningKeys({ signingKeys, now, stop }: App): Promise<void> {
  try {
    await signingKeys.prepare(now());
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A key for the first steps, where there has never been one. Made after listening: a failed start must not lose it. */
async function makeDevelopmentKey({ config, apiKeys }: App): Promise<string | null> {
  if (config.NODE_ENV === 'production' || (await apiKeys.list()).length > 0) return null;
  return (await apiKeys.create('development')).key;
}

/** For somebody who starts it by hand; in production a line of the log for whoever collects those. */
function announce(app: App, url: string, database: string, developmentKey: string | null): void {
  const { config, log } = app;
  if (config.NODE_ENV !== 'production') process.stdout.write(welcome(app, url, database, developmentKey));
  else log.info({ url, database, graphiql: mayShowGraphiQL(config) }, 'listening');
}

function welcome({ config }: App, url: string, database: string, key: string | null): string {
  const lines = [
    '',
    '  Roster is running.',
    '',
    mayShowGraphiQL(config) ? `  GraphiQL   ${url}/graphql` : `  GraphQL    ${url}/graphql`,
    `  Health     ${url}/health and ${url}/ready`,
    `  Database   ${database}`,
    `  Mail       ${describeMail(config)}`,
    key
      ? `  API key    ${key}\n             Made for development, because there was none. It is not shown again.`
      : null,
    key ? null : `  API key    one that you have, or a new one: ${commandLine} api-key create NAME`,
    '',
    '',
  ];
  return lines.filter((line) => line !== null).join('\n');
}
