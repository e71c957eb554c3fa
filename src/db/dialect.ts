import type { SqlQuery } from '@prisma/driver-adapter-utils';
import type { Provider } from '../config/database-url.ts';
import type { BulkInserts, UserColumns } from './bulk-inserts.ts';
import type { Driver } from './client.ts';
import type { Column } from './columns.ts';
import type { EventWriting } from './event-writing.ts';
import type { MigrationConnection } from './migrations/connection.ts';
import type { HistoryPlace } from './migrations/history.ts';
import type { DatabaseOptions } from './options.ts';

/** Where the SQL of the two databases differs. */
export interface Sql {
  /** How a table is named in a statement. */
  table(name: string): string;
  /** How the parameters are written, counted from 1. */
  parameter(position: number): string;
  /** `id ${oneOf(1)}`: the condition that it is in the list that is this parameter, counted from 1. */
  oneOf(position: number): string;
  /** The list as a parameter. */
  list(values: string[]): unknown;
  /** Rows with these columns, given as JSON in the first parameter, to be named `row` and read from. */
  rows(columns: readonly Column[]): string;
  /** What keeps the rows of a SELECT from others until the end of the transaction, after waiting for whoever has them. */
  readonly lock: string;
  /** The same without the rows that others have. */
  readonly lockAvailable: string;
  /** How a column is given a value from `row`. */
  assign(column: Column): string;
  /** Statements that add rows, given as their columns, but for those that a unique key says are there already. */
  insertNew(table: string, columns: readonly Column[]): (rows: readonly Record<string, unknown>[]) => SqlQuery[];
  /** The same for rows that all must be new: they throw where a unique key says that one is not. */
  insertAll(table: string, columns: readonly Column[]): (rows: readonly Record<string, unknown>[]) => SqlQuery[];
  /** From here on in a transaction, waits for no lock longer than this; null where nobody else can have one. */
  limitWait(maxWaitMs: number): string | null;
  /** Asks for a number that grows with every commit of another writer, and by `own` with each of one's own. */
  readonly commits: { readonly select: string; readonly own: number };
  /** How a connection lets its log grow while nobody else writes, and takes that back; null where no connection decides it. */
  readonly log: { readonly large: string; readonly usual: string } | null;
  /** Asks for the present moment, in milliseconds since 1970; null where the process knows as well as the database. */
  readonly selectTime: string | null;
  /** How events with these columns are written. */
  eventWriting(columns: readonly Column[]): EventWriting;
}

/** What is particular to one kind of database, one object for each. What takes time and memory is loaded when it is used. */
export interface Dialect extends Sql, HistoryPlace {
  readonly provider: Provider;
  /** Whether several processes use it: they count in it together, and whoever runs it decides when its schema changes. */
  readonly isShared: boolean;
  /** Whether reads need a connection of their own. */
  readonly readsApart: boolean;
  loadDriver(): Promise<Driver>;
  /** The options with the schema of the tables. Throws MigrationRefused. */
  locateSchema(options: DatabaseOptions): Promise<DatabaseOptions>;
  /** Throws MigrationRefused where it is of no use whatever it holds. */
  assertUsable(options: DatabaseOptions): void;
  /** Throws MigrationRefused without the right to change the schema. */
  assertMayMigrate(options: DatabaseOptions): Promise<void>;
  /** Throws MigrationRefused without the rights to read and write all tables. */
  assertMayUseTables(options: DatabaseOptions): Promise<void>;
  /** Opens it for its migrations, when nobody else migrates it. */
  openForMigrations(options: DatabaseOptions): Promise<MigrationConnection>;
  /** Adds many users while others are prepared; null where one connection does no more than it does already. */
  readonly openBulkInserts: ((options: DatabaseOptions, columns: UserColumns) => Promise<BulkInserts>) | null;
  /** The files of the database that every user of the machine can read or write. */
  findExposedFiles(options: DatabaseOptions): string[];
}
