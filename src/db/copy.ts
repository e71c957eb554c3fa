import { describe, isFileUrl, isMissing, sqlitePath } from '../config/database-url.ts';
import { OperatorError } from '../errors.ts';
import { type CopiedTable, copiedTables } from './copied-tables.ts';
import { checkTables, copyTable, countRows, type TableCheck } from './copy-rows.ts';
import { type Database, type DatabaseClient, openDatabase } from './database.ts';
import { locateSchema } from './dialects.ts';
import { ensureSchema, migrate, pendingMigrations } from './migrate.ts';
import { inUse } from './migrations/refused.ts';
import type { DatabaseOptions } from './options.ts';
import { quoteIdentifier } from './quote.ts';
import { SqliteDatabase } from './sqlite/driver.ts';
import { isBusy } from './sqlite/errors.ts';

/** Kept as the comment of the target's table of users while a copy is under way, so that only a copy is resumed. */
const marker = 'roster copy: not finished';

/** A copy that must not start, or that does not agree with its source; the message says why. */
export class CopyRefused extends OperatorError {
  override readonly name = 'CopyRefused';
}

/** Told in rows of all tables. */
export interface CopyProgress {
  start(rows: number, done: number): void;
  update(done: number): void | Promise<void>;
}

/**
 * Copies an SQLite store to an empty PostgreSQL one, after bringing both schemas up to date. Nobody can write to the source
 * meanwhile. A copy that was interrupted goes on where it stopped, and one that was finished is compared again. Throws
 * CopyRefused, MigrationRefused.
 */
export async function copyStore(
  from: DatabaseOptions,
  toWhere: DatabaseOptions,
  progress: CopyProgress,
): Promise<TableCheck[]> {
  if (!isFileUrl(from.url)) throw new CopyRefused('The source must be an SQLite file: --from file:PATH');
  if (isFileUrl(toWhere.url)) throw new CopyRefused('The target must be PostgreSQL: --to postgresql://…');
  if (isMissing(from)) throw new CopyRefused(`There is no file ${describe(from)}. --from is the store to copy.`);
  const to = await locateSchema(toWhere);
  await pendingMigrations(to); // a server that is away or not Roster's is refused before the source is touched
  await migrate(from);
  await ensureSchema(to, true);
  const unlock = lockSource(from);
  const source = await openDatabase(from);
  const target = await openDatabase(to);
  try {
    return await copyTables(source.reader, target, to, progress);
  } finally {
    await target.close();
    await source.close();
    unlock();
  }
}

async function copyTables(
  source: DatabaseClient,
  target: Database,
  to: DatabaseOptions,
  progress: CopyProgress,
): Promise<TableCheck[]> {
  const tables = copiedTables();
  const [expected, found] = [await countRows(source, tables), await countRows(target.reader, tables)];
  if (!(await isUnderWay(target, to))) {
    const isEmpty = found.every((rows) => rows === 0);
    if (!isEmpty) return compareFinished(source, target, to, { tables, expected, found });
    await setComment(target, to, marker);
  }
  let done = total(found);
  progress.start(total(expected), done);
  for (const table of tables) {
    await copyTable(source, target, table, (rows) => {
      done += rows;
      return progress.update(done);
    });
  }
  const checks = await compare(source, target.reader, tables);
  await setComment(target, to, null);
  return checks;
}

/** A run may have been killed after its last step. A target that holds anything but the whole source is somebody else's. */
async function compareFinished(
  source: DatabaseClient,
  target: Database,
  to: DatabaseOptions,
  { tables, expected, found }: { tables: CopiedTable[]; expected: number[]; found: number[] },
): Promise<TableCheck[]> {
  const refusal = new CopyRefused(`${describe(to)} is not empty. Copy to a new database.`);
  if (expected.join() !== found.join()) throw refusal;
  return compare(source, target.reader, tables).catch((error: unknown) => {
    throw error instanceof CopyRefused ? refusal : error;
  });
}

function total(counts: number[]): number {
  return counts.reduce((sum, rows) => sum + rows, 0);
}

/** Holds the write lock of the file, so that nothing changes behind the copy; readers go on. */
function lockSource(from: DatabaseOptions): () => void {
  const connection = new SqliteDatabase(sqlitePath(from.url), { timeout: from.busyTimeoutMs, fileMustExist: true });
  try {
    connection.exec('BEGIN IMMEDIATE');
  } catch (error) {
    connection.close();
    throw isBusy(error) ? inUse(from) : error;
  }
  return () => connection.close();
}

async function isUnderWay(target: Database, to: DatabaseOptions): Promise<boolean> {
  const [row] = await target.reader.$queryRaw<[{ comment: string | null }]>`
    SELECT obj_description(${nameOfUsers(to)}::regclass, 'pg_class') AS comment`;
  return row.comment === marker;
}

async function setComment(target: Database, to: DatabaseOptions, comment: string | null): Promise<void> {
  const text = comment === null ? 'NULL' : `'${comment}'`;
  await target.reader.$executeRawUnsafe(`COMMENT ON TABLE ${nameOfUsers(to)} IS ${text}`);
}

function nameOfUsers({ schema }: DatabaseOptions): string {
  return `${quoteIdentifier(schema ?? '')}.users`;
}

/** What was copied, table by table, when both databases hold the same; throws CopyRefused when they do not. */
async function compare(source: DatabaseClient, target: DatabaseClient, tables: CopiedTable[]): Promise<TableCheck[]> {
  const [expected, found] = [await checkTables(source, tables), await checkTables(target, tables)];
  for (const [i, check] of expected.entries()) {
    if (found[i]?.rows === check.rows && found[i].checksum === check.checksum) continue;
    throw new CopyRefused(
      `The table ${check.table} does not agree: ${check.rows} rows in the source, ${found[i]?.rows} in the target. Drop the target and copy again.`,
    );
  }
  return expected;
}
