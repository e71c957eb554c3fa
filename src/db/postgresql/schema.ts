import { describe, schemaOf } from '../../config/database-url.ts';
import type { Dialect } from '../dialect.ts';
import { readMigrations } from '../migrations/files.ts';
import { type Read, readUnopened } from '../migrations/read.ts';
import { MigrationRefused } from '../migrations/refused.ts';
import type { DatabaseOptions } from '../options.ts';
import { quoteIdentifier as quote } from '../quote.ts';

interface SchemaAccess {
  readonly role: string;
  /** The schema that is asked for, or the first one of the search path that there is and that the role may use. */
  readonly schema: string | null;
  readonly exists: boolean;
  readonly mayUse: boolean;
  readonly mayCreate: boolean;
}

/**
 * The options with the schema of the tables: the one that the URL names, else the role's current one. It is asked once, and
 * from then on every statement names it, so that the tables of two schemas never mix: not when a search path changes, and
 * not behind a pooler that hands on the connections of others. Throws MigrationRefused where there is none.
 */
export async function locateSchema(dialect: Dialect, options: DatabaseOptions): Promise<DatabaseOptions> {
  if (options.schema !== undefined) return options;
  const { role, schema, exists, mayUse } = await readUnopened(dialect, options, (read) =>
    readAccess(read, schemaOf(options.url)),
  );
  if (schema === null) {
    throw new MigrationRefused(
      `${describe(options)} has no schema for the role ${role}: nothing in its search_path exists, or it may not use what does. Make one: CREATE SCHEMA AUTHORIZATION ${quote(role)}`,
    );
  }
  if (!exists) {
    throw new MigrationRefused(
      `${describe(options)} has no schema ${schema}. Make it: CREATE SCHEMA ${quote(schema)} AUTHORIZATION ${quote(role)}`,
    );
  }
  if (schema.includes('"')) {
    throw new MigrationRefused(
      `The schema ${schema} of ${describe(options)} cannot be used: Prisma does not take a double quote in its name. Choose another.`,
    );
  }
  if (!mayUse) throw lacks(options, role, `USAGE, CREATE ON SCHEMA ${quote(schema)}`);
  return { ...options, schema };
}

/** Throws MigrationRefused unless the role may make tables in the schema, and change those that are there. */
export async function assertMayMakeTables(dialect: Dialect, options: DatabaseOptions): Promise<void> {
  const { schema = '' } = options;
  const [{ role, mayCreate }, [foreign]] = await readUnopened(dialect, options, async (read) => [
    await readAccess(read, schema),
    await readTables(read, foreignTables, schema),
  ]);
  if (!mayCreate) throw lacks(options, role, `CREATE ON SCHEMA ${quote(schema)}`);
  if (!foreign) return;
  const [table, owner] = foreign.map(String) as [string, string];
  throw new MigrationRefused(
    `The table ${table} in ${describe(options)} belongs to the role ${owner}, and only that one may change it. Migrate as ${owner}, or: GRANT ${quote(owner)} TO ${quote(role)}`,
  );
}

/** Throws MigrationRefused unless the role may read and write all tables. */
export async function assertMayUseTables(dialect: Dialect, options: DatabaseOptions): Promise<void> {
  const { schema = '' } = options;
  const [lacking] = await readUnopened(dialect, options, (read) => readTables(read, lackingTables, schema));
  if (!lacking) return;
  const [table, role] = lacking.map(String) as [string, string];
  throw lacks(options, role, `SELECT, INSERT, UPDATE, DELETE ON ${quote(schema)}.${quote(table)}`);
}

const access = `SELECT current_user::text, wanted, nspname IS NOT NULL,
    coalesce(has_schema_privilege(n.oid, 'USAGE'), false), coalesce(has_schema_privilege(n.oid, 'CREATE'), false)
  FROM (SELECT coalesce(nullif($1::text, ''), current_schema()::text) AS wanted) AS asked
  LEFT JOIN pg_namespace AS n ON nspname = wanted`;

const tablesOf = (owner: string, condition: string) => `SELECT relname::text, ${owner}::text
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
  WHERE nspname = $1 AND relname IN (SELECT json_array_elements_text($2::json)) AND NOT (${condition}) ORDER BY relname`;
const rights = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].map((right) => `has_table_privilege(c.oid, '${right}')`);
const lackingTables = tablesOf('current_user', rights.join(' AND '));
const foreignTables = tablesOf('pg_get_userbyid(relowner)', `pg_has_role(relowner, 'USAGE')`);

function readTables(read: Read, sql: string, schema: string): Promise<unknown[][]> {
  return read(sql, [schema, JSON.stringify(tableNames())]);
}

async function readAccess(read: Read, asked: string | null): Promise<SchemaAccess> {
  const [row = []] = await read(access, [asked ?? '']);
  const [role, schema, exists, mayUse, mayCreate] = row;
  return {
    role: String(role),
    schema: schema === null ? null : String(schema),
    exists: exists === true,
    mayUse: mayUse === true,
    mayCreate: mayCreate === true,
  };
}

function tableNames(): string[] {
  const scripts = readMigrations('postgresql').map(({ script }) => script);
  return scripts.flatMap((script) => [...script.matchAll(/CREATE TABLE "(\w+)"/g)].map(([, name]) => name ?? ''));
}

function lacks(options: DatabaseOptions, role: string, what: string): MigrationRefused {
  return new MigrationRefused(
    `The role ${role} lacks rights in ${describe(options)}. Give them: GRANT ${what} TO ${quote(role)}`,
  );
}
