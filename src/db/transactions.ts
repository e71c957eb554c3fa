import { setTimeout as sleep } from 'node:timers/promises';
import type { Driver } from './client.ts';
import type { Sql } from './dialect.ts';
import { isLockTimeout, isWriteConflict, LockTimeout } from './errors.ts';
import type { Prisma } from './models.ts';
import { createOpenings, type WritingAdapter, type WritingTransaction } from './openings.ts';
import { createStatements, type Statements } from './statements.ts';

/** A transaction that is open, and that only statements of our own go through. */
export interface DirectTransaction {
  readonly statements: Statements;
  /** Lets something happen, which must not throw, when it is committed, and only then: an attempt that is undone takes it along. */
  afterCommit(effect: () => void): void;
}

/** A transaction that is open: typed Prisma, and below it the statements of our own, which spare Prisma's engine. */
export interface Transaction extends DirectTransaction {
  readonly prisma: Prisma.TransactionClient;
}

/** Runs `work` as one transaction and resolves after its commit; undoes everything when it throws. `work` may run again. */
export type Transact = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;

/**
 * The same for work that needs no typed Prisma; a transaction of Prisma's costs as much as the rest of an update. It may wait
 * for its turn, and then take, as long as the database lets it. Throws LockTimeout when another transaction holds what is
 * needed for longer than `lockTimeoutMs`; PostgreSQL only.
 */
export type TransactDirectly = <T>(work: (tx: DirectTransaction) => Promise<T>, lockTimeoutMs?: number) => Promise<T>;

/** Waiting for the turn to write, and then the turn itself, end after this long. */
const prismaLimits = { maxWait: 10_000, timeout: 10_000 };

/** A deadlock or a serialization failure is tried again this often, after a random pause that grows. */
const maxConflicts = 5;
const conflictPauseMs = 10;

interface Committed<T> {
  readonly result: T;
  readonly effects: readonly (() => void)[];
}

/** Transactions of a client that has no other use, so that each which its adapter is asked for is one of them. */
export async function openTransactions(
  adapter: WritingAdapter,
  driver: Driver,
  sql: Sql,
  onDeliveries: () => void,
): Promise<{ transact: Transact; transactDirectly: TransactDirectly; close(): Promise<void> }> {
  const openings = createOpenings(adapter);
  const client = driver.createClient({ ...adapter, startTransaction: openings.start });
  await client.$connect();
  const statementsOn = createStatements(sql, client, onDeliveries);

  function open(transaction: WritingTransaction, effects: (() => void)[]): DirectTransaction {
    const afterCommit = (effect: () => void) => void effects.push(effect);
    return { statements: statementsOn(transaction.direct ?? transaction, afterCommit), afterCommit };
  }

  async function attempt<T>(work: (tx: Transaction) => Promise<T>): Promise<Committed<T>> {
    const asked = await openings.askInTurn();
    const effects: (() => void)[] = [];
    try {
      const result = await client.$transaction(
        (prisma) => work({ prisma, ...open(asked.transaction as WritingTransaction, effects) }),
        prismaLimits,
      );
      return { result, effects };
    } catch (error) {
      throw (await asked.transaction?.causeOf?.(error)) ?? error;
    } finally {
      openings.end(asked);
    }
  }

  async function attemptDirectly<T>(
    work: (tx: DirectTransaction) => Promise<T>,
    lockTimeoutMs?: number,
  ): Promise<Committed<T>> {
    const transaction = await adapter.startTransaction(undefined, lockTimeoutMs);
    const effects: (() => void)[] = [];
    try {
      const result = await work(open(transaction, effects));
      await transaction.commit();
      return { result, effects };
    } catch (error) {
      await transaction.rollback(); // first: of a connection that is silent nothing else would ever be heard
      const cause = (await transaction.causeOf?.(error)) ?? error;
      throw lockTimeoutMs !== undefined && isLockTimeout(cause) ? new LockTimeout() : cause;
    }
  }

  return {
    transact: (work) => settled(() => attempt(work)),
    transactDirectly: (work, lockTimeoutMs) => settled(() => attemptDirectly(work, lockTimeoutMs)),
    close: () => client.$disconnect(),
  };
}

/** Lets happen what was to happen after the commit. */
async function settled<T>(attempt: () => Promise<Committed<T>>): Promise<T> {
  const { result, effects } = await retried(attempt);
  for (const effect of effects) effect();
  return result;
}

async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let conflicts = 1; ; conflicts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isWriteConflict(error) || conflicts > maxConflicts) throw error;
      await sleep(Math.random() * conflictPauseMs * 2 ** conflicts);
    }
  }
}
