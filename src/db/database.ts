import { type Prisma, PrismaClient } from '../generated/sqlite/client.ts';
import { adapterFor, type DatabaseOptions } from './adapters.ts';
import { toDomainError } from './errors.ts';

export type { Identity, Prisma, User } from '../generated/sqlite/client.ts';

export type DatabaseClient = PrismaClient;
export type Transaction = Prisma.TransactionClient;

/** Waiting for the turn to write, and then the turn itself, end after this long. */
const transactionLimits = { maxWait: 10_000, timeout: 10_000 };

/** The one thing that the rest of Roster sees of the database. */
export interface Database {
  /** Reads committed rows. It cannot write. */
  readonly reader: DatabaseClient;
  /**
   * Runs `work` as one transaction and resolves after its commit; undoes everything when it throws.
   * Throws a DomainError `service_unavailable` when the database is busy for too long.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens an SQLite file whose schema is up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const writer = new PrismaClient({ adapter: adapterFor(options, 'write'), errorFormat: 'minimal' });
  const reader = new PrismaClient({ adapter: adapterFor(options, 'read'), errorFormat: 'minimal' });
  await writer.$connect();
  await reader.$connect();
  return {
    reader,
    transaction: async (work) => {
      try {
        return await writer.$transaction(work, transactionLimits);
      } catch (error) {
        throw toDomainError(error);
      }
    },
    close: async () => {
      await reader.$disconnect();
      await writer.$disconnect();
    },
  };
}
