import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import { quoteIdentifier } from '../quote.ts';

/** A table of counters that all processes share, as rate-limiter-flexible asks for one. */
export interface Counters {
  /** As it stands between the quotes of an identifier. */
  readonly schema: string;
  readonly table: string;
  query(statement: { text: string; values?: unknown[] }): Promise<{ rows: object[]; rowCount: number }>;
}

const table = 'rate_limits';

/**
 * The counters in a PostgreSQL database, whose table is made where it is missing. It is not one of the models: nothing in it
 * is worth a write-ahead log or a copy, and after a crash of the server all counting starts anew.
 */
export async function openCounters(queryable: SqlQueryable, schema: string): Promise<Counters> {
  const counters: Counters = {
    schema: quoteIdentifier(schema).slice(1, -1),
    table,
    async query({ text, values = [] }) {
      const argTypes = values.map((value) => ({
        scalarType: typeof value === 'string' ? ('string' as const) : ('bigint' as const),
        arity: 'scalar' as const,
      }));
      const { columnNames, rows } = await queryable.queryRaw({ sql: text, args: values, argTypes });
      const counted = rows.map((row) => Object.fromEntries(columnNames.map((name, i) => [name, Number(row[i])])));
      return { rows: counted, rowCount: rows.length };
    },
  };
  const name = `${quoteIdentifier(schema)}.${table}`;
  if (!(await isThere(queryable, name))) await create(queryable, name);
  return counters;
}

/** Asked first: `IF NOT EXISTS` needs the right to make tables also where there is nothing to make. */
async function isThere(queryable: SqlQueryable, name: string): Promise<boolean> {
  const sql = 'SELECT to_regclass($1::text) IS NOT NULL';
  const { rows } = await queryable.queryRaw({
    sql,
    args: [name],
    argTypes: [{ scalarType: 'string', arity: 'scalar' }],
  });
  return rows[0]?.[0] === true;
}

async function create(queryable: SqlQueryable, name: string): Promise<void> {
  const sql = `CREATE UNLOGGED TABLE IF NOT EXISTS ${name} (key text PRIMARY KEY, points integer NOT NULL, expire bigint)`;
  try {
    await queryable.executeRaw({ sql, args: [], argTypes: [] });
  } catch (error) {
    if (!(await isThere(queryable, name))) throw error; // another process made it at the same moment
  }
}
