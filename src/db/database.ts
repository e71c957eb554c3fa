import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaClient as PostgresqlClient } from '../generated/postgresql/client.ts';
import { type Prisma, PrismaClient as SqliteClient } from '../generated/sqlite/client.ts';
import { adapterFor, type DatabaseOptions, providerOf } from './adapters.ts';
import { isWriteConflict, toDomainError } from './errors.ts';
import { readingClient } from './reading-client.ts';
import { createReplicaChoice, currentPosition } from './replica.ts';
import { postgresqlRows, sqliteRows, type UserRows } from './user-rows.ts';

export type { Identity, Password, Prisma, Session, SigningKey, User } from '../generated/sqlite/client.ts';

export type DatabaseClient = SqliteClient;
export type Transaction = Prisma.TransactionClient;

/** Waiting for the turn to write, and then the turn itself, end after this long. */
const transactionLimits = { maxWait: 10_000, timeout: 10_000 };
/** A deadlock or a serialization failure is tried again this often, after a random pause that grows. */
const maxConflicts = 5;
const conflictPauseMs = 10;

/** The one thing that the rest of Roster sees of the database. */
export interface Database {
  /** Reads committed rows. It is not for writing. Throws as `transaction` does. */
  readonly reader: DatabaseClient;
  /**
   * Where a query may read instead: on the replica, if there is one that has replayed the given position. Without a
   * position, any state of the replica will do.
   */
  readerFor(position: string | null): Promise<DatabaseClient>;
  /** The position after what was written; null without a replica. Given to `readerFor`, it reads one's own writes. */
  writePosition(): Promise<string | null>;
  /**
   * Runs `work` as one transaction and resolves after its commit; undoes everything when it throws. `work` may run again.
   * Throws a DomainError `service_unavailable` when the database is busy or away.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Within a transaction: locks and writes many users with one statement each. */
  readonly userRows: UserRows;
  close(): Promise<void>;
}

interface Clients {
  readonly writer: DatabaseClient;
  readonly reader: DatabaseClient;
  readonly replica?: DatabaseClient | undefined;
  readonly userRows: UserRows;
}

/** Opens a database whose schema is up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const clients = providerOf(options.url) === 'sqlite' ? sqlite(options) : postgresql(options);
  const { writer, replica, userRows } = clients;
  const reader = readingClient(clients.reader);
  await writer.$connect();
  await reader.$connect();
  return {
    reader,
    userRows,
    readerFor: replica ? createReplicaChoice(reader, replica) : async () => reader,
    writePosition: async () => (replica ? currentPosition(reader) : null),
    transaction: async (work) => {
      for (let conflicts = 1; ; conflicts += 1) {
        try {
          return await writer.$transaction(work, transactionLimits);
        } catch (error) {
          if (!isWriteConflict(error) || conflicts > maxConflicts) throw toDomainError(error);
          await sleep(Math.random() * conflictPauseMs * 2 ** conflicts);
        }
      }
    },
    close: async () => {
      await replica?.$disconnect();
      await reader.$disconnect();
      await writer.$disconnect();
    },
  };
}

/** The writer takes turns, so a transaction has the file to itself and nothing needs a lock. */
function sqlite(options: DatabaseOptions): Clients {
  return {
    writer: new SqliteClient({ adapter: adapterFor(options, 'write'), errorFormat: 'minimal' }),
    reader: new SqliteClient({ adapter: adapterFor(options, 'read'), errorFormat: 'minimal' }),
    userRows: sqliteRows,
  };
}

/** The two clients come from one set of models, and differ only in types that Roster does not use. */
function postgresql(options: DatabaseOptions): Clients {
  const open = (adapter: ReturnType<typeof adapterFor>) =>
    new PostgresqlClient({ adapter, errorFormat: 'minimal' }) as unknown as DatabaseClient;
  const writer = open(adapterFor(options, 'write'));
  return {
    writer,
    reader: writer,
    replica: options.readUrl ? open(adapterFor({ ...options, url: options.readUrl }, 'read')) : undefined,
    userRows: postgresqlRows,
  };
}
