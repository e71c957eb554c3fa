/** One connection to a database that nobody else migrates meanwhile. */
export interface MigrationConnection {
  /** Begins a transaction in which the schema, too, may change. */
  readonly begin: string;
  /** Makes the table of the history as Prisma Migrate does, where there is none, so that both go on with the same one. */
  readonly createHistory: string;
  /** Runs a script of any number of statements. */
  run(script: string): Promise<void>;
  query(sql: string): Promise<unknown[][]>;
  /** Throws when a migration left what the database would not have let in. */
  assertIntact(): Promise<void>;
  close(): Promise<void>;
}
