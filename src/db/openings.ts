import type {
  Transaction as DriverTransaction,
  IsolationLevel,
  SqlDriverAdapter,
  SqlQueryable,
} from '@prisma/driver-adapter-utils';

export interface WritingAdapter extends SqlDriverAdapter {
  startTransaction(isolationLevel?: IsolationLevel, lockTimeoutMs?: number): Promise<WritingTransaction>;
}

/** A transaction of the driver's. Its `commit` throws UnansweredCommit. */
export interface WritingTransaction extends DriverTransaction {
  /** What the statements of our own go through; where it is left out, the transaction itself. */
  readonly direct?: SqlQueryable;
  /** Once it has ended with an error: what this error comes from. */
  causeOf?(error: unknown): Promise<unknown>;
}

/** A transaction that Prisma was asked for. */
interface Opening {
  /** Tells that Prisma has come to ask the adapter for it. */
  readonly reached: () => void;
  transaction: WritingTransaction | null;
}

/**
 * Hands the adapter's transaction to whoever asked Prisma for it. Prisma is asked for one after the other, each when it has
 * come to the adapter with the one before. AsyncLocalStorage would do, too, but before Node 24 it costs every promise of the
 * process a call.
 */
export function createOpenings(adapter: WritingAdapter) {
  let opening: Opening | null = null;
  let previous = Promise.resolve();

  return {
    /** Before Prisma is asked for a transaction. */
    async askInTurn(): Promise<Opening> {
      const turn = previous;
      let reached = () => {};
      previous = new Promise((resolve) => {
        reached = resolve;
      });
      await turn;
      opening = { reached, transaction: null };
      return opening;
    },
    /** When Prisma comes to the adapter. */
    async start(isolationLevel?: IsolationLevel): Promise<WritingTransaction> {
      if (!opening) throw new Error('Nobody has asked for this transaction.');
      const asked = opening;
      opening = null;
      asked.reached();
      asked.transaction = await adapter.startTransaction(isolationLevel);
      return asked.transaction;
    },
    /** After it, however it ended: Prisma may have failed before it came. */
    end(asked: Opening): void {
      if (opening === asked) opening = null;
      asked.reached();
    },
  };
}
