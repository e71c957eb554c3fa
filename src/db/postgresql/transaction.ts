import {
  DriverAdapterError,
  type IsolationLevel,
  type SqlQuery,
  type SqlQueryable,
} from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import { mayHaveCommitted, TransactionOver, UnansweredCommit } from '../errors.ts';
import type { WritingTransaction } from '../transactions.ts';
import { queryableOn, send, statement } from './queryable.ts';

export interface OpeningOptions {
  readonly isolationLevel?: IsolationLevel | undefined;
  readonly lockTimeoutMs?: number | undefined;
}

/**
 * A transaction in as few round trips as there can be: BEGIN is sent together with the first statement, and COMMIT together
 * with the last write of our own. So a write that fails is heard of at the end; then nothing of it all stands. Prisma's
 * statements go through `prismas`, on the same connection, and each is waited for.
 */
export function openTransaction(
  client: pg.PoolClient,
  prismas: SqlQueryable,
  { isolationLevel, lockTimeoutMs }: OpeningOptions,
): WritingTransaction {
  const sent: Promise<unknown>[] = [];
  let [mayCommit, isOver] = [false, false];

  const start = (query: SqlQuery) => {
    const answer = send(client, query);
    answer.catch(() => {}); // until the end
    sent.push(answer);
  };
  const assertOpen = () => {
    if (isOver) throw new TransactionOver();
  };
  /** For statements of Prisma's, which may write in any. */
  const writing = async <T>(run: () => Promise<T>): Promise<T> => {
    assertOpen();
    mayCommit = true;
    return run();
  };
  const execute = async (sql: string) => void (await writing(() => prismas.executeRaw(statement(sql))));

  start(statement('BEGIN'));
  if (isolationLevel) start(statement(`SET TRANSACTION ISOLATION LEVEL ${isolationLevel}`));
  if (lockTimeoutMs !== undefined) start(statement(`SET LOCAL lock_timeout = ${lockTimeoutMs}`));
  const direct = queryableOn(client);

  return {
    provider: prismas.provider,
    adapterName: prismas.adapterName,
    options: { usePhantomQuery: true },
    queryRaw: (query) => writing(() => prismas.queryRaw(query)),
    executeRaw: (query) => writing(() => prismas.executeRaw(query)),
    createSavepoint: (name) => execute(`SAVEPOINT "${name}"`),
    rollbackToSavepoint: (name) => execute(`ROLLBACK TO SAVEPOINT "${name}"`),
    releaseSavepoint: (name) => execute(`RELEASE SAVEPOINT "${name}"`),
    direct: {
      ...direct,
      queryRaw: async (query) => {
        assertOpen();
        return direct.queryRaw(query);
      },
      executeRaw: async (query) => {
        assertOpen();
        mayCommit = true;
        start(query);
        return 0; // nobody waits for the number of rows
      },
    },
    async commit() {
      assertOpen();
      start(statement('COMMIT')); // where a write failed, PostgreSQL makes it a ROLLBACK
      const answers = await Promise.allSettled(sent);
      const failure = findFailure(answers);
      if (!failure) {
        isOver = true;
        client.release();
        return;
      }
      await rollBack();
      throw mayCommit && mayStand(failure, answers) ? new UnansweredCommit(failure.reason) : failure.reason;
    },
    rollback: rollBack,
    /** After a statement that failed, others only say that the transaction is over. */
    causeOf: async (error) =>
      error instanceof UnansweredCommit ? error : findFailure(await Promise.allSettled(sent))?.reason,
  };

  async function rollBack(): Promise<void> {
    if (isOver) return;
    isOver = true;
    const isBroken = await send(client, statement('ROLLBACK')).then(
      () => false,
      () => true,
    );
    client.release(isBroken);
  }
}

type Answers = PromiseSettledResult<unknown>[];

function findFailure(answers: Answers): PromiseRejectedResult | undefined {
  return answers.find((answer) => answer.status === 'rejected');
}

/** PostgreSQL answers in order, so where it answered a statement before the COMMIT with an error, it has committed nothing. */
function mayStand(failure: PromiseRejectedResult, answers: Answers): boolean {
  const isRefused = failure.reason instanceof DriverAdapterError && failure !== answers.at(-1);
  return !isRefused && mayHaveCommitted(failure.reason);
}
