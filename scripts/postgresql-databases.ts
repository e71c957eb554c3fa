import pg from 'pg';

/** The URL of another database on the same server. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** One statement on the server, in a connection of its own. */
export async function execute(serverUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A template is copied file by file: where nothing is flushed to disks, that costs two thirds of a copy by way of the log. */
export function createDatabase(serverUrl: string, name: string, template?: string): Promise<void> {
  return execute(serverUrl, `CREATE DATABASE "${name}"${template ? ` TEMPLATE "${template}" STRATEGY FILE_COPY` : ''}`);
}

/** Drops all databases whose names begin like this. */
export async function dropDatabases(serverUrl: string, prefix: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  const { rows } = await client.query('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [prefix]);
  await client.end();
  for (const { datname } of rows) await dropDatabase(serverUrl, datname);
}

export function dropDatabase(serverUrl: string, name: string): Promise<void> {
  return execute(serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
}
