import pg from 'pg';
import { inject, onTestFinished } from 'vitest';
import { createDatabase, databaseUrl, dropDatabase } from '../../scripts/postgresql-databases.ts';

/** A database whose tables are Roster's in `public`, made by its owner, and a role that may only log in. */
export interface Tenancy {
  /** The database as its owner. */
  readonly ownerUrl: string;
  /** The same as the role. */
  readonly url: string;
  readonly role: string;
  /** Statements of the owner. */
  asOwner(sql: string, values?: string[]): Promise<Record<string, unknown>[]>;
}

export async function createTenancy({ template = inject('postgresqlTemplate') as string | undefined } = {}) {
  const serverUrl = inject('postgresqlUrl');
  const name = `roster_tenancy_${process.pid}_${Math.random().toString(36).slice(2)}`;
  await createDatabase(serverUrl, name, template);
  const ownerUrl = databaseUrl(serverUrl, name);
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  owner.on('error', () => {});
  const role = `tenant_${Math.random().toString(36).slice(2)}`;
  await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  onTestFinished(async () => {
    await owner.end();
    await dropDatabase(serverUrl, name);
    const server = new pg.Client({ connectionString: serverUrl });
    await server.connect();
    await server.query(`DROP ROLE ${role}`).finally(() => server.end());
  });
  const url = new URL(ownerUrl);
  [url.username, url.password] = [role, 'secret'];
  const asOwner = async (sql: string, values?: string[]) => (await owner.query(sql, values)).rows;
  return { ownerUrl, url: url.href, role, asOwner } satisfies Tenancy;
}

/** All rows of all tables of a schema, by table; those of the migrations by name alone. */
export async function tablesIn({ asOwner }: Tenancy, schema: string): Promise<Record<string, string>> {
  const rows = await asOwner(
    `SELECT relname AS name, query_to_xml(format('SELECT * FROM %I.%I ORDER BY 1', nspname, relname), true, true, '')::text AS content
     FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
     WHERE nspname = $1 AND relkind = 'r' ORDER BY relname`,
    [schema],
  );
  return Object.fromEntries(rows.map(({ name, content }) => [name, content]));
}
