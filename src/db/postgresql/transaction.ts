import type { IsolationLevel, SqlQuery, SqlQueryable } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import type { WritingTransaction } from '../openings.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { queryableOn, statement } from './queryable.ts';

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
  const pipeline = createPipeline(client);
  /** For statements of Prisma's, which may write in any. */
  const writing = async <T>(run: () => Promise<T>): Promise<T> => {
    pipeline.noteWrite();
    return run();
  };
  const execute = async (sql: string) => void (await writing(() => prismas.executeRaw(statement(sql))));

  pipeline.start(statement('BEGIN'));
  if (isolationLevel) pipeline.start(statement(`SET TRANSACTION ISOLATION LEVEL ${isolationLevel}`));
  if (lockTimeoutMs !== undefined) pipeline.start(statement(`SET LOCAL lock_timeout = ${lockTimeoutMs}`));

  return {
    provider: prismas.provider,
    adapterName: prismas.adapterName,
    options: { usePhantomQuery: true },
    queryRaw: (query) => writing(() => prismas.queryRaw(query)),
    executeRaw: (query) => writing(() => prismas.executeRaw(query)),
    createSavepoint: (name) => execute(`SAVEPOINT "${name}"`),
    rollbackToSavepoint: (name) => execute(`ROLLBACK TO SAVEPOINT "${name}"`),
    releaseSavepoint: (name) => execute(`RELEASE SAVEPOINT "${name}"`),
    direct: directQueryable(client, pipeline),
    commit: pipeline.commit,
    rollback: pipeline.rollBack,
    causeOf: pipeline.causeOf,
  };
}

/** What the statements of our own go through: reads are waited for, writes are not. */
function directQueryable(client: pg.PoolClient, pipeline: Pipeline): SqlQueryable {
  const direct = queryableOn(client);
  return {
    ...direct,
    queryRaw: async (query: SqlQuery) => {
      pipeline.assertOpen();
      return direct.queryRaw(query);
    },
    executeRaw: async (query: SqlQuery) => {
      pipeline.noteWrite();
      pipeline.start(query);
      return 0; // nobody waits for the number of rows
    },
  };
}
