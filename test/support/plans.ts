import pg from 'pg';
import { providerOf, sqlitePath } from '../../src/config/database-url.ts';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { connectTo } from './database.ts';
import type { Statement } from './recording.ts';

/** How the database carries out a statement, a line a step. */
export async function planOf(url: string, { sql, values }: Statement): Promise<string[]> {
  if (providerOf(url) === 'sqlite') {
    const steps = connectTo(sqlitePath(url)).prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    return steps.all(values.map(toSqlite)).map(({ detail }) => detail.replace('main.', ''));
  }
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, values as unknown[]);
    return rows.map((row) => row['QUERY PLAN']);
  });
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Total Cost'?: number;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** What PostgreSQL reads of these tables for a statement, which is then undone. */
export async function readingsOf(url: string, { sql, values }: Statement, tables: readonly string[]) {
  return withClient(url, async (client) => {
    const plan = async (options: string, given: unknown[]) => {
      const { rows } = await client.query(`EXPLAIN (${options}, FORMAT JSON) ${sql}`, given);
      return nodesOf(rows[0]['QUERY PLAN'][0].Plan);
    };
    await client.query('BEGIN');
    const found = await plan('ANALYZE', values as unknown[]);
    await client.query('ROLLBACK');
    const isRead = (node: PlanNode) =>
      tables.includes(node['Relation Name'] ?? '') ? node['Node Type'] !== 'ModifyTable' : 'Index Name' in node;
    // A table that is known to have no pages costs nothing, and is read by a scan, whatever its indexes.
    const isScan = ({ 'Node Type': type, 'Relation Name': table = '', 'Total Cost': cost }: PlanNode) =>
      type === 'Seq Scan' && tables.includes(table) && cost !== 0;
    return {
      rows: found.filter(isRead).reduce((sum, node) => sum + rowsOf(node), 0),
      scans: found.filter(isScan),
      /** As it is planned for whatever values a prepared statement is given. */
      scansForAnyValues: (await plan('GENERIC_PLAN', [])).filter(isScan),
    };
  });
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function rowsOf(node: PlanNode): number {
  const { 'Actual Rows': rows = 0, 'Actual Loops': loops = 0 } = node;
  const { 'Rows Removed by Filter': filtered = 0, 'Rows Removed by Index Recheck': rechecked = 0 } = node;
  return (rows + filtered + rechecked) * loops;
}

/** Carries out statements beside Roster. */
export async function runSql(url: string, statements: readonly string[]): Promise<void> {
  if (providerOf(url) === 'sqlite') {
    const connection = new SqliteDatabase(sqlitePath(url), { timeout: 5000 });
    for (const statement of statements) connection.exec(statement);
    connection.close();
    return;
  }
  await withClient(url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function toSqlite(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'boolean' ? Number(value) : value;
}
