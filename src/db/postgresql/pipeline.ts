import { DriverAdapterError, type SqlQuery } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import { mayHaveCommitted, TransactionOver, UnansweredCommit } from '../errors.ts';
import { send, statement } from './queryable.ts';

/** The statements of one transaction that are sent without waiting for their answers, up to its end. */
export interface Pipeline {
  /** Throws when the transaction has ended. */
  assertOpen(): void;
  /** Before a statement that may write. Throws when the transaction has ended. */
  noteWrite(): void;
  start(query: SqlQuery): void;
  /** Waits for all answers. Throws UnansweredCommit. */
  commit(): Promise<void>;
  rollBack(): Promise<void>;
  /** After a statement that failed, others only say that the transaction is over. */
  causeOf(error: unknown): Promise<unknown>;
}

export function createPipeline(client: pg.PoolClient): Pipeline {
  const sent: Promise<unknown>[] = [];
  let [mayCommit, isOver] = [false, false];
  const assertOpen = () => {
    if (isOver) throw new TransactionOver();
  };
  const start = (query: SqlQuery) => void sent.push(sendAhead(client, query));

  async function commit(): Promise<void> {
    assertOpen();
    start(statement('COMMIT')); // where a write failed, PostgreSQL makes it a ROLLBACK
    const failure = findFailure(await Promise.allSettled(sent));
    if (failure) {
      await rollBack();
      throw mayCommit && failure.mayStand ? new UnansweredCommit(failure.reason) : failure.reason;
    }
    isOver = true;
    client.release();
  }

  async function rollBack(): Promise<void> {
    if (isOver) return;
    isOver = true;
    client.release(await isBroken(client));
  }

  return {
    assertOpen,
    noteWrite: () => {
      assertOpen();
      mayCommit = true;
    },
    start,
    commit,
    rollBack,
    causeOf: async (error) =>
      error instanceof UnansweredCommit ? error : findFailure(await Promise.allSettled(sent))?.reason,
  };
}

/** Nobody waits for the answer until the end. */
function sendAhead(client: pg.PoolClient, query: SqlQuery): Promise<unknown> {
  const answer = send(client, query);
  answer.catch(() => {});
  return answer;
}

/** Whether the connection cannot even undo what was sent, and is of no more use. */
function isBroken(client: pg.PoolClient): Promise<boolean> {
  return send(client, statement('ROLLBACK')).then(
    () => false,
    () => true,
  );
}

/** The first error, and whether all may have been committed in spite of it; null where there is none. */
function findFailure(answers: PromiseSettledResult<unknown>[]): { reason: unknown; mayStand: boolean } | null {
  const failure = answers.find((answer) => answer.status === 'rejected');
  if (!failure) return null;
  const { reason } = failure;
  // PostgreSQL answers in order, so where it answered a statement before the COMMIT with an error, it has committed nothing.
  const isRefused = reason instanceof DriverAdapterError && failure !== answers.at(-1);
  return { reason, mayStand: !isRefused && mayHaveCommitted(reason) };
}
