import { createHash } from 'node:crypto';
import type { CopiedTable } from './copied-tables.ts';
import type { Database, DatabaseClient, Prisma } from './database.ts';

const batchSize = 500;

export interface TableCheck {
  readonly table: string;
  readonly rows: number;
  /** The sum of the SHA-256 of each row, modulo 2^256: the same in both databases, whatever order they sort text in. */
  readonly checksum: string;
}

type Row = Record<string, unknown>;

/** What all tables of Prisma's client have in common. */
interface Rows {
  findFirst(query: object): Promise<Row | null>;
  findMany(query: object): Promise<Row[]>;
  createMany(query: { data: Row[]; skipDuplicates: boolean }): Promise<unknown>;
  count(query: object): Promise<number>;
}

function rowsOf(client: DatabaseClient | Prisma.TransactionClient, { model }: CopiedTable): Rows {
  return client[model as 'user'] as unknown as Rows;
}

export async function countRows(client: DatabaseClient, tables: CopiedTable[]): Promise<number[]> {
  return Promise.all(tables.map((table) => countOf(client, table)));
}

function countOf(client: DatabaseClient, table: CopiedTable): Promise<number> {
  return rowsOf(client, table).count({ where: table.where });
}

async function* readBatches(client: DatabaseClient, table: CopiedTable, after: string): AsyncGenerator<Row[]> {
  const { key } = table;
  for (let cursor = after; ; ) {
    const where = { ...table.where, [key]: { gt: cursor } };
    const batch = await rowsOf(client, table).findMany({ where, orderBy: { [key]: 'asc' }, take: batchSize });
    const last = batch.at(-1);
    if (!last) return;
    yield batch;
    cursor = String(last[key]);
  }
}

/** Copies what the target lacks of a table: mostly what comes behind its greatest key, where an earlier run stopped. */
export async function copyTable(
  source: DatabaseClient,
  target: Database,
  table: CopiedTable,
  onCopied: (rows: number) => void | Promise<void>,
): Promise<void> {
  const copyBehind = async (key: string, report: typeof onCopied) => {
    for await (const data of readBatches(source, table, key)) {
      await target.transaction(({ prisma }) => rowsOf(prisma, table).createMany({ data, skipDuplicates: true }));
      await report(data.length);
    }
  };
  const last = await rowsOf(target.reader, table).findFirst({ orderBy: { [table.key]: 'desc' } });
  await copyBehind(String(last?.[table.key] ?? ''), onCopied);
  const [expected, found] = [await countOf(source, table), await countOf(target.reader, table)];
  // The target sorts text by another rule, or the source was used between two runs.
  if (found < expected) await copyBehind('', () => {});
}

export async function checkTables(client: DatabaseClient, tables: CopiedTable[]): Promise<TableCheck[]> {
  const checks: TableCheck[] = [];
  for (const table of tables) checks.push(await checkTable(client, table));
  return checks;
}

async function checkTable(client: DatabaseClient, table: CopiedTable): Promise<TableCheck> {
  let [rows, sum] = [0, 0n];
  for await (const batch of readBatches(client, table, '')) {
    rows += batch.length;
    for (const row of batch) sum += hashOf(row);
  }
  return { table: table.name, rows, checksum: BigInt.asUintN(256, sum).toString(16).padStart(64, '0') };
}

function hashOf(row: Row): bigint {
  return BigInt(`0x${createHash('sha256').update(JSON.stringify(row, sortedKeys)).digest('hex')}`);
}

/** JSON whose keys are in one order, whatever order the database keeps them in. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
