import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQueryable } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import { PrismaClient as PostgresqlClient } from '../generated/postgresql/client.ts';
import { type Prisma, PrismaClient as SqliteClient, type User } from '../generated/sqlite/client.ts';
import { adapterFor, type DatabaseOptions, providerOf } from './adapters.ts';
import { type Dialect, postgresqlDialect, sqliteDialect } from './dialect.ts';
import { isWriteConflict, toDomainError } from './errors.ts';
import { inPostgresqlTransaction, queryableOn } from './postgresql-transaction.ts';
import { readingClient, readingQueryable } from './reading-client.ts';
import { createReplicaChoice, currentPosition } from './replica.ts';
import { createUserReads, type UserReads } from './user-reads.ts';
import { createStatements, type UserRows } from './user-rows.ts';

export type { Identity, Password, Prisma, Session, SigningKey, User } from '../generated/sqlite/client.ts';

export type DatabaseClient = SqliteClient;
export type Transaction = Prisma.TransactionClient;

/** Waiting for the turn to write, and then the turn itself, end after this long. */
const transactionLimits = { maxWait: 10_000, timeout: 10_000 };
/** A deadlock or a serialization failure is tried again this often, after a random pause that grows. */
const maxConflicts = 5;
const conflictPauseMs = 10;

/** Both read committed rows, and throw as `Database.transaction` does. They are not for writing. */
export interface Readers {
  readonly reader: DatabaseClient;
  readonly userReads: UserReads;
}

/** The one thing that the rest of Roster sees of the database. */
export interface Database extends Readers {
  /**
   * Where a query may read instead: on the replica, if there is one that has replayed the given position. Without a
   * position, any state of the replica will do.
   */
  readersFor(position: string | null): Promise<Readers>;
  /** The position after what was written; null without a replica. Given to `readersFor`, it reads one's own writes. */
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
  /** Statements of our own, each a transaction by itself, where they need not take turns: null on SQLite. */
  readonly queryable: SqlQueryable | null;
  close(): Promise<void>;
}

/** A client, and the adapter that it and the statements of our own go through. */
interface Connected {
  readonly client: DatabaseClient;
  readonly adapter: SqlDriverAdapter;
}

/** Opens a database whose schema is up to date. */
export async function openDatabase(options: DatabaseOptions, adapterOf = adapterFor): Promise<Database> {
  const isSqlite = providerOf(options.url) === 'sqlite';
  const dialect = isSqlite ? sqliteDialect : postgresqlDialect;
  const statements = createStatements(dialect);
  const transact = isSqlite ? inTurn : inTransaction;
  const connectTo = async (url: string, access: 'read' | 'write') =>
    connect(isSqlite, await adapterOf({ ...options, url }, access).connect());
  const writer = await connectTo(options.url, 'write');
  // SQLite's writing connection takes turns, and would show what is not committed yet.
  const primary = isSqlite ? await connectTo(options.url, 'read') : writer;
  const replica = options.readUrl ? await connectTo(options.readUrl, 'read') : null;
  const readers = createReaders(dialect, primary);
  return {
    ...readers,
    readersFor: replica
      ? createReplicaChoice(readers, createReaders(dialect, replica, primary), replica.client)
      : async () => readers,
    writePosition: async () => (replica ? currentPosition(readers.reader) : null),
    transaction: (work) => retried(() => writer.client.$transaction(work, transactionLimits)),
    withUserRows: (work) => retried(() => transact(writer.adapter, (queryable) => work(statements(queryable)))),
    lockUser: async (tx, id) => {
      if (!isSqlite) await tx.$executeRaw`SELECT 1 FROM users WHERE id = ${id} FOR UPDATE`;
      return tx.user.findUnique({ where: { id } });
    },
    queryable: isSqlite ? null : writer.adapter,
    close: async () => {
      await replica?.client.$disconnect();
      await primary.client.$disconnect();
      await writer.client.$disconnect();
    },
  };
}

/** The two clients come from one set of models, and differ only in types that Roster does not use. */
async function connect(isSqlite: boolean, adapter: SqlDriverAdapter): Promise<Connected> {
  const { provider, adapterName } = adapter;
  const shared: SqlDriverAdapterFactory = { provider, adapterName, connect: async () => adapter };
  const client = isSqlite
    ? new SqliteClient({ adapter: shared, errorFormat: 'minimal' })
    : (new PostgresqlClient({ adapter: shared, errorFormat: 'minimal' }) as unknown as DatabaseClient);
  await client.$connect();
  return { client, adapter };
}

function createReaders(dialect: Dialect, { client, adapter }: Connected, fallback?: Connected): Readers {
  const reads = readingQueryable(queryableOf(adapter), fallback && readingQueryable(queryableOf(fallback.adapter)));
  return {
    reader: readingClient(client, fallback && readingClient(fallback.client)),
    userReads: createUserReads(reads, dialect),
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

/** Prisma's adapter, whose type is not exported. */
type PostgresqlAdapter = SqlDriverAdapter & { underlyingDriver(): pg.Pool };

/** What reads go through: on PostgreSQL the driver itself. */
function queryableOf(adapter: SqlDriverAdapter): SqlQueryable {
  return adapter.provider === 'sqlite' ? adapter : queryableOn((adapter as PostgresqlAdapter).underlyingDriver());
}

type Transact = <T>(adapter: SqlDriverAdapter, work: (queryable: SqlQueryable) => Promise<T>) => Promise<T>;

/** A turn on SQLite's writing connection. */
const inTurn: Transact = async (adapter, work) => {
  const tx = await adapter.startTransaction();
  try {
    const result = await work(tx);
    await tx.commit();
    return result;
  } catch (error) {
    await tx.rollback();
    throw error;
  }
};

const inTransaction: Transact = (adapter, work) =>
  inPostgresqlTransaction((adapter as PostgresqlAdapter).underlyingDriver(), work);
