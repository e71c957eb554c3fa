import { setTimeout as sleep } from 'node:timers/promises';
import type { Driver } from './client.ts';
import type { Sql } from './dialect.ts';
import { isLockTimeout, isWriteConflict, LockTimeout } from './errors.ts';
import type { Prisma } from './models.ts';
import { createOpenings, type WritingAdapter, type WritingTransaction } from './openings.ts';
import { createStatements, type Statements } from './statements.ts';

export interface TransactionLimits {
  /** Throws LockTimeout when another transaction holds what is needed for longer; PostgreSQL only. */
  readonly lockTimeoutMs?: number;
  /** Whether it may wait for its turn, and then take, as long as the database lets it. */
  readonly isPatient?: boolean;
}

/** A transaction that is open: typed Prisma, and below it the statements of our own, which spare Prisma's engine. */
export interface Transaction {
  readonly prisma: Prisma.TransactionClient;
  readonly statements: Statements;
  /** Lets something happen, which must not throw, when it is committed, and only then: an attempt that is undone takes it along. */
  afterCommit(effect: () => void): void;
}

type Work<T> = (tx: Transaction) => Promise<T>;

/** Runs `work` as one transaction and resolves after its commit; undoes everything when it throws. `work` may run again. */
export type Transact = <T>(work: Work<T>, limits?: TransactionLimits) => Promise<T>;

/** Waiting for the turn to write, and then the turn itself, end after this long. */
const prismaLimits = { maxWait: 10_000, timeout: 10_000 };
/** As long as a timer can run: Prisma takes no Infinity. */
const noLimits = { maxWait: 2 ** 31 - 1, timeout: 2 ** 31 - 1 };

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
): Promise<{ transact: Transact; close(): Promise<void> }> {
  const openings = createOpenings(adapter);
  const client = driver.createClient({ ...adapter, startTransaction: openings.start });
  await client.$connect();
  const statementsOn = createStatements(sql, client, onDeliveries);

  /** Answers what is to happen after the commit, too. */
  async function attempt<T>(work: Work<T>, { lockTimeoutMs, isPatient }: TransactionLimits): Promise<Committed<T>> {
    const asked = await openings.askInTurn(lockTimeoutMs);
    const effects: (() => void)[] = [];
    const limits = isPatient ? noLimits : prismaLimits;
    try {
      const result = await client.$transaction((prisma) => {
        const transaction = asked.transaction as WritingTransaction;
        const statements = statementsOn(transaction.direct ?? transaction, (effect) => effects.push(effect));
        return work({ prisma, statements, afterCommit: (effect) => effects.push(effect) });
      }, limits);
      return { result, effects };
    } catch (error) {
      const cause = (await asked.transaction?.causeOf?.(error)) ?? error;
      throw lockTimeoutMs !== undefined && isLockTimeout(cause) ? new LockTimeout() : cause;
    } finally {
      openings.end(asked);
    }
  }

  return {
    transact: async (work, limits = {}) => {
      const { result, effects } = await retried(() => attempt(work, limits));
      for (const effect of effects) effect();
      return result;
    },
    close: () => client.$disconnect(),
  };
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
