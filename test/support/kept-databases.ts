import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createDatabase, databaseUrl, dropDatabase } from '../../scripts/postgresql-databases.ts';

/** A database of PostgreSQL, and a connection to it that no test sees. */
interface Kept {
  readonly url: string;
  readonly client: pg.Client;
  /** What its catalogue and the history of its migrations were when it was new. */
  readonly shape: string;
  /** Removes every row but those of that history, with one statement after the other in one message. */
  readonly emptying: string;
  isLost: boolean;
}

/** Those that no test has at the moment. */
const idle: Kept[] = [];

/**
 * A migrated, empty database. To copy one and to drop it costs as much as twenty short tests, so what a test has done with is
 * emptied and handed to the next one, unless it is not what it was: then a new one takes its place.
 */
export async function takeDatabase(serverUrl: string, template: string) {
  const kept = idle.pop() ?? (await make(serverUrl, template));
  let isTaken = true;
  return {
    url: kept.url,
    remove: async () => {
      if (!isTaken) return; // by then it may be another test's
      isTaken = false;
      if (await isEmptied(kept)) idle.push(kept);
      else await discard(serverUrl, kept);
    },
  };
}

async function make(serverUrl: string, template: string): Promise<Kept> {
  const name = `${template}_${process.pid}_${Math.random().toString(36).slice(2)}`;
  await createDatabase(serverUrl, name, template);
  const url = databaseUrl(serverUrl, name);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const kept: Kept = { url, client, shape: await shapeOf(client), emptying: await emptyingOf(client), isLost: false };
  client.on('error', () => {
    kept.isLost = true; // the test ends all connections, or stops the server
  });
  return kept;
}

async function discard(serverUrl: string, { url, client }: Kept): Promise<void> {
  await client.end().catch(() => {});
  await dropDatabase(serverUrl, new URL(url).pathname.slice(1));
}

/** Whether it is as good as new. */
async function isEmptied({ client, shape, emptying, isLost }: Kept): Promise<boolean> {
  if (isLost) return false;
  try {
    await endOthers(client);
    if ((await shapeOf(client)) !== shape) return false;
    await client.query(emptying);
    return true;
  } catch {
    return false;
  }
}

/** What a test has left open could go on writing. */
async function endOthers(client: pg.Client): Promise<void> {
  const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`;
  while ((await client.query(sql)).rowCount) await sleep(2);
}

/** What PostgreSQL brings along has smaller numbers: some thousand rows, which take longer to read than all else. */
const isOwn = 'oid >= 16384';
const shapes = {
  ...{ pg_class: isOwn, pg_attribute: 'attrelid >= 16384', pg_attrdef: isOwn, pg_constraint: isOwn, pg_trigger: isOwn },
  ...{ pg_proc: isOwn, pg_type: isOwn, pg_namespace: 'true', pg_extension: 'true', _prisma_migrations: 'true' },
};

/** Each row of the catalogue has the number of the transaction that wrote it, so each change of the schema shows. */
async function shapeOf(client: pg.Client): Promise<string> {
  const parts = Object.entries(shapes).map(
    ([table, where]) => `SELECT '${table}', count(*), max(xmin::text::bigint) FROM ${table} WHERE ${where}`,
  );
  const ofDatabase = `SELECT 'settings', count(*), 0 FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database()`;
  return JSON.stringify(
    (await client.query({ text: [...parts, ofDatabase].join(' UNION ALL '), rowMode: 'array' })).rows,
  );
}

async function emptyingOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query(
    `SELECT relkind, quote_ident(relname) AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') AND relname <> '_prisma_migrations'`,
  );
  const statements = rows.map(({ relkind, name }) =>
    relkind === 'r' ? `DELETE FROM ${name}` : `SELECT setval('${name}', 1, false)`,
  );
  return ['BEGIN; SET LOCAL session_replication_role = replica', ...statements, 'COMMIT'].join('; ');
}
