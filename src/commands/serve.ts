import type { Logger } from 'pino';
import type { App } from '../app.ts';
import { commandLine } from '../config/command-line.ts';
import { readConfig } from '../config/config.ts';
import { findWarnings } from '../config/config-checks.ts';
import { describe } from '../config/database-url.ts';
import { describeMail } from '../config/mail-mode.ts';
import { findUnknownNames } from '../config/setting-names.ts';
import type { Config } from '../config/settings.ts';
import { createApp, type RunningServer, startServer } from '../create-app.ts';
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
import type { Terminal } from './terminal.ts';
import { watchUncaught } from './uncaught.ts';

const warmUpDelayMs = 3000;

/** `roster serve`: sees that the schema is up to date, listens, and stops gracefully on SIGTERM and SIGINT. */
export async function serve(terminal: Terminal, options: { migrate?: boolean }): Promise<void> {
  stopWithParent(terminal.env);
  let end: () => void = () => process.exit(1); // until it listens, there is nothing to finish
  let unwatch = () => {};
  const watch = (log: Logger) => {
    unwatch = watchUncaught(log, () => end());
  };
  try {
    await startService(terminal, options, {
      watch,
      listening(server, { config, log }) {
        setTimeout(() => void warmUp(config, log), warmUpDelayMs).unref();
        end = () => stopProcess(server, log, config.SHUTDOWN_TIMEOUT_MS, 1);
        onStopSignal((signal) => {
          log.info({ signal }, 'stopping: the requests in flight finish');
          stopProcess(server, log, config.SHUTDOWN_TIMEOUT_MS);
        });
      },
    });
  } catch (error) {
    unwatch();
    throw error;
  }
}

interface StartHooks {
  /** Called before anything can fail that only the log would tell. */
  watch?(log: Logger): void;
  /** Called before anybody can know that it listens: whoever is told may at once send a signal. */
  listening?(server: RunningServer, app: App): void;
}

/** All of that but what concerns the process. */
export async function startService(
  terminal: Terminal,
  { migrate: mayMigrate = false }: { migrate?: boolean },
  hooks: StartHooks = {},
): Promise<{ server: RunningServer; app: App }> {
  const { env } = terminal;
  const config = readConfig(env, [findMissingSecret, findDocumentsProblem, findTemplatesProblem]);
  const log = createLog(config, { ...terminal, output: await terminal.openLog() });
  hooks.watch?.(log);
  for (const warning of [...findWarnings(config), ...findUnknownNames(env)]) log.warn(warning);
  const database = await locateSchema({ ...databaseOptions(config), checkpointsApart: true });
  const applied = await ensureSchema(database, mayMigrate);
  if (applied.length > 0) log.info({ migrations: applied }, 'migrated the database');

  warnOfExposedFiles(database, log);
  const app = await createApp(config, log, database);
  await prepareSigningKeys(app);
  let developmentKey: string | null = null;
  const server = await startServer(app, () => developmentKey);
  hooks.listening?.(server, app);
  developmentKey = await makeDevelopmentKey(app);
  announce(terminal, app, server.url, describe(database), developmentKey);
  return { server, app };
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
function announce({ stdout }: Terminal, app: App, url: string, database: string, developmentKey: string | null): void {
  const { config, log } = app;
  if (config.NODE_ENV !== 'production') stdout.write(welcome(app, url, database, developmentKey));
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
