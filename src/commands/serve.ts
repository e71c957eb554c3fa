import type { Logger } from 'pino';
import type { App } from '../app.ts';
import { signingKeySecret } from '../auth/private-keys.ts';
import { readConfig } from '../config.ts';
import { type DatabaseOptions, providerOf } from '../db/adapters.ts';
import { migrate, pendingMigrations } from '../db/migrate.ts';
import { MigrationRefused } from '../db/migration-history.ts';
import { createLog } from '../log.ts';
import { warmUpPasswords } from '../passwords/passwords.ts';
import { createApp, databaseOptions, startServer } from '../server.ts';

const warmUpDelayMs = 3000;

/** `roster serve`: sees that the schema is up to date, listens, and stops gracefully on SIGTERM and SIGINT. */
export async function serve({ migrate: mayMigrate = false } = {}): Promise<void> {
  const config = readConfig();
  signingKeySecret(config); // refuses to start before anything is touched
  const log = createLog(config);
  await prepareSchema(databaseOptions(config), mayMigrate, log);

  const app = await createApp(config, log);
  await prepareSigningKeys(app);
  const server = await startServer(app);
  app.developmentKey = await makeDevelopmentKey(app);
  // It stops the process for half a second, which the first answers should not wait for.
  setTimeout(() => void warmUpPasswords(config), warmUpDelayMs).unref();
  process.stdout.write(welcome(server.url, app.developmentKey, config.GRAPHIQL));

  const stop = (signal: string) => {
    log.info({ signal }, 'stopping: the requests in flight finish');
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the stop failed');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));
}

/**
 * A file belongs to this process, so it is migrated. A server is shared: whoever runs it decides when its schema changes,
 * unless `--migrate` was given.
 */
async function prepareSchema(options: DatabaseOptions, mayMigrate: boolean, log: Logger): Promise<void> {
  if (providerOf(options.url) === 'postgresql' && !mayMigrate) {
    const pending = await pendingMigrations(options);
    if (pending.length === 0) return;
    const names = pending.map(({ name }) => name).join(', ');
    throw new MigrationRefused(
      `The schema of the database is behind: it lacks ${names}. Run "roster migrate", or start with "roster serve --migrate".`,
    );
  }
  const applied = await migrate(options);
  if (applied.length > 0) log.info({ migrations: applied }, 'migrated the database');
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

function welcome(url: string, key: string | null, graphiql: boolean): string {
  const lines = [
    '',
    '  Roster is running.',
    '',
    graphiql ? `  GraphiQL   ${url}/graphql` : `  GraphQL    ${url}/graphql`,
    `  Health     ${url}/health and ${url}/ready`,
    key
      ? `  API key    ${key}\n             Made for development, because there was none. It is not shown again.`
      : null,
    key ? null : '  API key    npx roster api-key create NAME makes one.',
    '',
    '',
  ];
  return lines.filter((line) => line !== null).join('\n');
}
