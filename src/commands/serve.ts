import { readConfig } from '../config.ts';
import { isNewDatabase, migrate } from '../db/migrate.ts';
import { createLog } from '../log.ts';
import { warmUpPasswords } from '../passwords/passwords.ts';
import { createApp, databaseOptions, startServer } from '../server.ts';

/** `roster serve`: migrates, listens, and stops gracefully on SIGTERM and SIGINT. */
export async function serve(): Promise<void> {
  const config = readConfig();
  const log = createLog(config);
  const options = databaseOptions(config);
  const isNew = await isNewDatabase(options);
  const applied = await migrate(options);
  if (applied.length > 0) log.info({ migrations: applied }, 'migrated the database');

  const needsKey = isNew && config.NODE_ENV !== 'production';
  const app = await createApp(config, log, needsKey ? 'development' : undefined);
  const server = await startServer(app);
  // After the first answer could be given: it takes half a second that no caller should wait for.
  void warmUpPasswords(config);
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

function welcome(url: string, key: string | null, graphiql: boolean): string {
  const lines = [
    '',
    '  Roster is running.',
    '',
    graphiql ? `  GraphiQL   ${url}/graphql` : `  GraphQL    ${url}/graphql`,
    `  Health     ${url}/health and ${url}/ready`,
    key
      ? `  API key    ${key}\n             Made for development, for this new database. It is not shown again.`
      : null,
    key ? null : '  API key    npx roster api-key create NAME makes one.',
    '',
    '',
  ];
  return lines.filter((line) => line !== null).join('\n');
}
