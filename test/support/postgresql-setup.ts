import type { TestProject } from 'vitest/node';
import { createDatabase, databaseUrl, dropDatabases } from '../../scripts/postgresql-databases.ts';
import { startPostgres } from '../../scripts/postgresql-server.ts';
import { migrateByCommand } from './migrate-by-command.ts';
import { setup as setUpSqlite } from './sqlite-setup.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server whose databases the tests make, as the URL of one that exists. */
    postgresqlUrl: string;
    /** A migrated, empty database, for the tests to copy. */
    postgresqlTemplate: string;
  }
}

/** Starts a PostgreSQL of the run's own, or takes the one of `TEST_DATABASE_URL`, and migrates a template in it; an SQLite one beside it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const removeSqlite = await setUpSqlite(project);
  const given = process.env.TEST_DATABASE_URL;
  const server = given ? null : await startPostgres();
  const url = given ?? server?.url('postgres') ?? '';
  const template = `roster_template_${process.pid}`;
  await createDatabase(url, template);
  await migrateByCommand(databaseUrl(url, template));
  project.provide('postgresqlUrl', url);
  project.provide('postgresqlTemplate', template);
  return async () => {
    if (given) await dropDatabases(url, template);
    await server?.stop();
    removeSqlite();
  };
}
