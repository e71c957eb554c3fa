import type { SqlDriverAdapter, SqlQueryable } from '@prisma/driver-adapter-utils';
import { describe } from '../config/database-url.ts';
import { type BulkInserts, refusing, userColumns } from './bulk-inserts.ts';
import type { Driver } from './client.ts';
import type { Dialect } from './dialect.ts';
import { adapterFor, dialectOf, locateSchema } from './dialects.ts';
import { createDueJobs, type DueJobs } from './due-jobs.ts';
import { reasonOf, toDomainError } from './errors.ts';
import { createEventReads } from './event-reads.ts';
import { eventColumns } from './event-rows.ts';
import type { DatabaseClient } from './models.ts';
import { type DatabaseOptions, defaultPool } from './options.ts';
import { type Counters, openCounters } from './postgresql/counters.ts';
import { createReplicaChoice, currentPosition } from './postgresql/replica.ts';
import { type Refuse, readingClient, readingQueryable } from './reading-client.ts';
import { createRecording, type RecordAnswer, type Writers } from './recording.ts';
import { openTransactions, type Transact, type TransactDirectly } from './transactions.ts';
import { createUpdatesTogether } from './updates-together.ts';
import { createUserReads, type Readers } from './user-reads.ts';
import { createUserUpdates } from './user-updates.ts';
import { readWholeUsers, type WholeUser } from './whole-users.ts';

export type { BulkInserts, ImportProgress, UserRows } from './bulk-inserts.ts';
export type { DueDelivery, SettledDelivery } from './delivery-statements.ts';
export type { EndedCodes } from './ended-codes.ts';
export type { EventRange, EventReads, StoredEvent } from './event-reads.ts';
export type { NewEvent } from './event-rows.ts';
export type { ImportStatements } from './import-statements.ts';
export type { NewMail, SettledMail } from './mail-statements.ts';
export type * from './models.ts';
export type { RecordAnswer, Writers } from './recording.ts';
export type { NewRows, Statements } from './statements.ts';
export type { Transaction } from './transactions.ts';
export type { Readers } from './user-reads.ts';
export type { Bound, UserSearch, UserSortKey } from './user-search.ts';
export type { Outcome, StoredUser, UserChanges } from './user-updates.ts';
export type { JsonRow, WholeUser } from './whole-users.ts';

/** The one thing that the rest of Roster sees of the database. */
export interface Database extends Readers, Writers {
  /**
   * Where a query may read instead: on the replica, if there is one that has replayed the given position. Without a
   * position, any state of the replica will do.
   */
  readersFor(position: string | null): Promise<Readers>;
  /** The position after what was written; null without a replica. Given to `readersFor`, it reads one's own writes. */
  writePosition(): Promise<string | null>;
  /** A transaction of what a request does besides its effect: what is counted on the way, also of a request that is refused. */
  readonly transactionApart: Transact;
  /** Writers that keep what comes of a request. */
  readonly recording: (record: RecordAnswer) => Writers;
  readonly dueJobs: DueJobs;
  /**
   * Gives positions to so many of the events that are committed and have none; answers to how many, and zero where another
   * process is at it. Null where they have theirs from the start.
   */
  readonly numberEvents: ((limit: number) => Promise<number>) | null;
  /** The counters that all processes share; null where each counts for itself, as with SQLite's one process. */
  openCounters(): Promise<Counters | null>;
  /** Adds many users while others are prepared; null where transactions are as fast. Whoever opens it closes it. */
  openBulkInserts(): Promise<BulkInserts | null>;
  /** All users with what belongs to them, in pages, as they are at the moment of the first page. */
  readWholeUsers(): AsyncGenerator<WholeUser[]>;
  close(): Promise<void>;
}

/** A way to read: a client, and the adapter that it and the statements of our own go through. */
interface Connected {
  readonly client: DatabaseClient;
  readonly adapter: SqlDriverAdapter;
  /** Says why this database is not used. */
  readonly tell: (reason: string) => void;
  /** Tells before its users are refused. */
  readonly refuse: Refuse;
}

/** Opens a database whose schema is up to date. */
export async function openDatabase(given: DatabaseOptions, adapterOf = adapterFor): Promise<Database> {
  const options = await locateSchema(given);
  const dialect = dialectOf(options);
  const driver = await dialect.loadDriver();
  const { onDeliveries = () => {} } = options;
  const connectTo = async (url: string, access: 'read' | 'write') =>
    (await adapterOf({ ...options, url }, access)).connect();
  const readFrom = (url: string, adapter: SqlDriverAdapter) =>
    connectReader(driver, adapter, (reason) => options.onUnavailable?.(describe({ ...options, url }), reason));

  const adapter = await connectTo(options.url, 'write');
  const { transact, transactDirectly, close } = await openTransactions(adapter, driver, dialect, onDeliveries);
  const primary = await readFrom(
    options.url,
    dialect.readsApart ? await connectTo(options.url, 'read') : { ...adapter, dispose: async () => {} }, // the writer does
  );
  const replica = options.readUrl ? await readFrom(options.readUrl, await connectTo(options.readUrl, 'read')) : null;
  const readers = createReaders(driver, dialect, primary);
  const { number } = dialect.eventWriting(eventColumns(primary.client));
  const refuse = (error: unknown): never => {
    throw primary.refuse(error);
  };
  const directly: TransactDirectly = (...asked) => transactDirectly(...asked).catch(refuse);
  const transaction: Transact = (work) => transact(work).catch(refuse);
  const writers: Writers = {
    isRecording: false,
    transaction,
    updateUser: createUserUpdates(directly, options.pool ?? defaultPool),
    updateUsersTogether: createUpdatesTogether(directly),
  };
  return {
    ...readers,
    ...writers,
    transactionApart: transaction,
    recording: createRecording(writers, transact, refuse),
    readersFor: replica
      ? createReplicaChoice(readers, createReaders(driver, dialect, replica, primary), replica.client, replica.tell)
      : async () => readers,
    writePosition: async () => (replica ? currentPosition(readers.reader) : null),
    dueJobs: createDueJobs(readers.reader, dialect),
    numberEvents:
      number &&
      (async (limit) => {
        const { events, deliveries } = await number(driver.queryableOf(adapter), limit);
        if (deliveries > 0) onDeliveries();
        return events;
      }),
    openCounters: async () => (dialect.isShared ? openCounters(adapter, options.schema ?? '') : null),
    async openBulkInserts() {
      const bulk = await dialect.openBulkInserts?.(options, userColumns(primary.client));
      return bulk ? refusing(bulk, refuse) : null;
    },
    async *readWholeUsers() {
      // Between two pages it waits for whoever takes them, for as long as that takes.
      const pool = { ...(options.pool ?? defaultPool), size: 1, statementTimeoutMs: 0 };
      const ownAdapter = await (await adapterOf({ ...options, pool }, 'read')).connect();
      yield* readWholeUsers(ownAdapter, dialect, primary.client);
    },
    close: async () => {
      await replica?.client.$disconnect();
      await close();
      await primary.client.$disconnect();
    },
  };
}

async function connectReader(driver: Driver, adapter: SqlDriverAdapter, tell: Connected['tell']): Promise<Connected> {
  const client = driver.createClient(adapter);
  await client.$connect();
  const refuse: Refuse = (error) => {
    const refusal = toDomainError(error);
    if (refusal !== error) tell(reasonOf(error));
    return refusal;
  };
  return { client, adapter, tell, refuse };
}

function createReaders({ queryableOf }: Driver, dialect: Dialect, connected: Connected, fallback?: Connected): Readers {
  const queryableFor = ({ adapter, refuse }: Connected, other?: SqlQueryable) =>
    readingQueryable(queryableOf(adapter), refuse, other);
  const clientFor = ({ client, refuse }: Connected, other?: DatabaseClient) => readingClient(client, refuse, other);
  const queryable = queryableFor(connected, fallback && queryableFor(fallback));
  return {
    reader: clientFor(connected, fallback && clientFor(fallback)),
    userReads: createUserReads(queryable, dialect, connected.client),
    eventReads: createEventReads(queryable, dialect, connected.client),
  };
}
