import type { SqlQueryable } from '@prisma/driver-adapter-utils';

/** A table of counters that all processes share, as rate-limiter-flexible asks for one. */
export interface Counters {
  readonly table: string;
  query(statement: { text: string; values?: unknown[] }): Promise<{ rows: object[]; rowCount: number }>;
}

const table = 'rate_limits';

/**
 * The counters in a PostgreSQL database, whose table is made where it is missing. It is not one of the models: nothing in it
 * is worth a write-ahead log or a copy, and after a crash of the server all counting starts anew.
 */
export async function openCounters(queryable: SqlQueryable): Promise<Counters> {
  const counters: Counters = {
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
  if (!(await isThere(queryable))) await create(queryable);
  return counters;
}

/** Asked first: `IF NOT EXISTS` needs the right to make tables also where there is nothing to make. */
async function isThere(queryable: SqlQueryable): Promise<boolean> {
  const sql = `SELECT to_regclass('${table}') IS NOT NULL`;
  const { rows } = await queryable.queryRaw({ sql, args: [], argTypes: [] });
  return rows[0]?.[0] === true;
}

async function create(queryable: SqlQueryable): Promise<void> {
  const sql = `CREATE UNLOGGED TABLE IF NOT EXISTS ${table} (key text PRIMARY KEY, points integer NOT NULL, expire bigint)`;
  try {
    await queryable.executeRaw({ sql, args: [], argTypes: [] });
  } catch (error) {
    if (!(await isThere(queryable))) throw error; // another process made it at the same moment
  }
}
