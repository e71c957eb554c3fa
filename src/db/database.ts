import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Transaction as AdapterTransaction,
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import { PrismaClient as PostgresqlClient } from '../generated/postgresql/client.ts';
import type { User } from '../generated/sqlite/client.ts';
import { type Prisma, PrismaClient as SqliteClient } from '../generated/sqlite/client.ts';
import { adapterFor, type DatabaseOptions, providerOf } from './adapters.ts';
import { postgresqlDialect, sqliteDialect } from './dialect.ts';
import { isWriteConflict, toDomainError } from './errors.ts';
import { readingClient } from './reading-client.ts';
import { createReplicaChoice, currentPosition } from './replica.ts';
import { createStatements, type UserRows } from './user-rows.ts';

export type { Identity, Password, Prisma, User } from '../generated/sqlite/client.ts';

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
  /** The same with the statements of an update, which spare Prisma's engine. */
  withUserRows<T>(work: (rows: UserRows) => Promise<T>): Promise<T>;
  /** Within a transaction: the user as they are now, and as they stay until its end. */
  lockUser(tx: Transaction, id: string): Promise<User | null>;
  close(): Promise<void>;
}

interface Clients {
  readonly writer: DatabaseClient;
  readonly reader: DatabaseClient;
  readonly replica?: DatabaseClient | undefined;
  /** What the writer writes through. */
  readonly adapter: SqlDriverAdapter;
}

/** Opens a database whose schema is up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const isSqlite = providerOf(options.url) === 'sqlite';
  const { writer, replica, adapter, ...clients } = await (isSqlite ? sqlite(options) : postgresql(options));
  const statements = createStatements(isSqlite ? sqliteDialect : postgresqlDialect);
  const reader = readingClient(clients.reader);
  await writer.$connect();
  await reader.$connect();
  return {
    reader,
    readerFor: replica ? createReplicaChoice(reader, replica) : async () => reader,
    writePosition: async () => (replica ? currentPosition(reader) : null),
    transaction: (work) => retried(() => writer.$transaction(work, transactionLimits)),
    withUserRows: (work) => retried(() => inTransaction(adapter, (tx) => work(statements(tx)))),
    lockUser: async (tx, id) => {
      if (!isSqlite) await tx.$executeRaw`SELECT 1 FROM users WHERE id = ${id} FOR UPDATE`;
      return tx.user.findUnique({ where: { id } });
    },
    close: async () => {
      await replica?.$disconnect();
      await reader.$disconnect();
      await writer.$disconnect();
    },
  };
}

async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let conflicts = 1; ; conflicts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isWriteConflict(error) || conflicts > maxConflicts) throw toDomainError(error);
      await sleep(Math.random() * conflictPauseMs * 2 ** conflicts);
    }
  }
}

/** The adapter's transaction, as Prisma's engine would lead it. */
async function inTransaction<T>(adapter: SqlDriverAdapter, work: (tx: AdapterTransaction) => Promise<T>): Promise<T> {
  const tx = await adapter.startTransaction();
  const end = async (statement: 'COMMIT' | 'ROLLBACK') => {
    if (!tx.options.usePhantomQuery) await tx.executeRaw({ sql: statement, args: [], argTypes: [] });
  };
  let result: T;
  try {
    result = await work(tx);
    await end('COMMIT');
  } catch (error) {
    await end('ROLLBACK').catch(() => {}); // the connection is broken: the database has undone everything by itself
    await tx.rollback();
    throw error;
  }
  await tx.commit();
  return result;
}

/** The writer takes turns, so a transaction has the file to itself and nothing needs a lock. */
async function sqlite(options: DatabaseOptions): Promise<Clients> {
  const adapter = await adapterFor(options, 'write').connect();
  return {
    adapter,
    writer: new SqliteClient({ adapter: sharing(adapter), errorFormat: 'minimal' }),
    reader: new SqliteClient({ adapter: adapterFor(options, 'read'), errorFormat: 'minimal' }),
  };
}

/** The two clients come from one set of models, and differ only in types that Roster does not use. */
async function postgresql(options: DatabaseOptions): Promise<Clients> {
  const open = (adapter: SqlDriverAdapterFactory) =>
    new PostgresqlClient({ adapter, errorFormat: 'minimal' }) as unknown as DatabaseClient;
  const adapter = await adapterFor(options, 'write').connect();
  const writer = open(sharing(adapter));
  const replica = options.readUrl ? open(adapterFor({ ...options, url: options.readUrl }, 'read')) : undefined;
  return { adapter, writer, reader: writer, replica };
}

/** Gives a client connections that are used beside it, too. */
function sharing(adapter: SqlDriverAdapter): SqlDriverAdapterFactory {
  return { provider: adapter.provider, adapterName: adapter.adapterName, connect: async () => adapter };
}
