import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlDriverAdapter, SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Prisma, PrismaClient, User } from '../generated/sqlite/client.ts';
import { adapterFor, type DatabaseOptions, describe, providerOf } from './adapters.ts';
import { runAfterCommit } from './after-commit.ts';
import { createDueJobs, type DueJobs } from './due-jobs.ts';
import { type Engine, loadEngine } from './engine.ts';
import { isWriteConflict, reasonOf, toDomainError, UnansweredCommit } from './errors.ts';
import { createReplicaChoice, currentPosition } from './postgresql/replica.ts';
import { locateSchema } from './postgresql/schema.ts';
import { type Refuse, readingClient, readingQueryable } from './reading-client.ts';
import { createStatements, type UserRows } from './statements.ts';
import { createUserReads, type UserReads } from './user-reads.ts';

export type {
  Identity,
  Job,
  Password,
  Prisma,
  RefreshTokenFamily,
  Session,
  SigningKey,
  User,
} from '../generated/sqlite/client.ts';

export type DatabaseClient = PrismaClient;
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
   * Throws a DomainError: `service_unavailable` when the database is busy or away and nothing was written, `outcome_unknown`
   * when it did not answer a COMMIT.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * The same with the statements of an update, which spare Prisma's engine. With a limit, throws LockTimeout when another
   * transaction holds what it needs for longer.
   */
  withUserRows<T>(work: (rows: UserRows) => Promise<T>, lockTimeoutMs?: number): Promise<T>;
  /** Within a transaction: the user as they are now, and as they stay until its end. */
  lockUser(tx: Transaction, id: string): Promise<User | null>;
  readonly dueJobs: DueJobs;
  /** Statements of our own, each a transaction by itself, where they need not take turns: null on SQLite. */
  readonly queryable: SqlQueryable | null;
  /** The schema that all tables are in; null on SQLite. */
  readonly schema: string | null;
  close(): Promise<void>;
}

/** A client, and the adapter that it and the statements of our own go through. */
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
  const isSqlite = providerOf(options.url) === 'sqlite';
  const engine = await loadEngine(options);
  const statements = createStatements(engine.dialect);
  const { table } = engine.dialect;
  const connectTo = async (url: string, access: 'read' | 'write') => {
    const adapter = await (await adapterOf({ ...options, url }, access)).connect();
    return connect(engine, adapter, (reason) => options.onUnavailable?.(describe({ ...options, url }), reason));
  };
  const writer = await connectTo(options.url, 'write');
  // SQLite's writing connection takes turns, and would show what is not committed yet.
  const primary = isSqlite ? await connectTo(options.url, 'read') : writer;
  const replica = options.readUrl ? await connectTo(options.readUrl, 'read') : null;
  const readers = createReaders(engine, primary);
  return {
    ...readers,
    readersFor: replica
      ? createReplicaChoice(readers, createReaders(engine, replica, primary), replica.client, replica.tell)
      : async () => readers,
    writePosition: async () => (replica ? currentPosition(readers.reader) : null),
    transaction: (work) => retried(writer.refuse, () => inPrismaTransaction(engine, writer.client, work)),
    withUserRows: (work, lockTimeoutMs) =>
      retried(writer.refuse, () =>
        engine.transact(writer.adapter, (queryable) => work(statements(queryable)), lockTimeoutMs),
      ),
    lockUser: async (tx, id) => {
      if (!isSqlite) await tx.$executeRawUnsafe(`SELECT 1 FROM ${table('users')} WHERE id = $1 FOR UPDATE`, id);
      return tx.user.findUnique({ where: { id } });
    },
    dueJobs: createDueJobs(readers.reader, engine.dialect),
    queryable: isSqlite ? null : writer.adapter,
    schema: options.schema ?? null,
    close: async () => {
      await replica?.client.$disconnect();
      await primary.client.$disconnect();
      await writer.client.$disconnect();
    },
  };
}

async function connect(engine: Engine, adapter: SqlDriverAdapter, tell: Connected['tell']): Promise<Connected> {
  const { provider, adapterName } = adapter;
  const client = engine.createClient({ provider, adapterName, connect: async () => adapter });
  await client.$connect();
  const refuse: Refuse = (error) => {
    const refusal = toDomainError(error);
    if (refusal !== error) tell(reasonOf(error));
    return refusal;
  };
  return { client, adapter, tell, refuse };
}

function createReaders({ dialect, queryableOf }: Engine, connected: Connected, fallback?: Connected): Readers {
  const queryableFor = ({ adapter, refuse }: Connected, other?: SqlQueryable) =>
    readingQueryable(queryableOf(adapter), refuse, other);
  const clientFor = ({ client, refuse }: Connected, other?: DatabaseClient) => readingClient(client, refuse, other);
  return {
    reader: clientFor(connected, fallback && clientFor(fallback)),
    userReads: createUserReads(queryableFor(connected, fallback && queryableFor(fallback)), dialect),
  };
}

async function inPrismaTransaction<T>(engine: Engine, client: DatabaseClient, work: (tx: Transaction) => Promise<T>) {
  let isDone = false;
  const run = async (tx: Transaction) => {
    const result = await work(tx);
    isDone = true; // what fails from now on is the COMMIT
    return { result, tx };
  };
  try {
    const { result, tx } = await client.$transaction(run, transactionLimits);
    runAfterCommit(tx);
    return result;
  } catch (error) {
    throw isDone && engine.mayHaveCommitted(error) ? new UnansweredCommit(error) : error;
  }
}

async function retried<T>(refuse: Refuse, attempt: () => Promise<T>): Promise<T> {
  for (let conflicts = 1; ; conflicts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isWriteConflict(error) || conflicts > maxConflicts) throw refuse(error);
      await sleep(Math.random() * conflictPauseMs * 2 ** conflicts);
    }
  }
}
