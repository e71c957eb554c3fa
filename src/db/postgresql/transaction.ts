import { DriverAdapterError, type SqlQuery, type SqlQueryable } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { isLockTimeout, LockTimeout, mayHaveCommitted, UnansweredCommit } from '../errors.ts';
import { statementNames } from './statement-names.ts';

/**
 * Runs `work` as one transaction in two round trips instead of four: BEGIN is sent together with the first reads, and
 * COMMIT together with the last write. So a write that fails is heard of at the end; then nothing of it all stands. Throws
 * UnansweredCommit where the connection broke before the end was heard of, and LockTimeout.
 */
export async function inPostgresqlTransaction<T>(
  pool: pg.Pool,
  work: (queryable: SqlQueryable) => Promise<T>,
  lockTimeoutMs?: number,
): Promise<T> {
  const client = await pool.connect().catch(rethrow);
  const sent: Promise<unknown>[] = [];
  const start = (query: SqlQuery) => {
    const answer = send(client, query);
    answer.catch(ignore); // until the end
    sent.push(answer);
  };
  let [broken, mayCommit] = [true, false];
  try {
    start(statement('BEGIN'));
    if (lockTimeoutMs !== undefined) start(statement(`SET LOCAL lock_timeout = ${lockTimeoutMs}`));
    const opening = sent.length;
    const result = await work({
      ...queryableOn(client),
      executeRaw: async (query) => {
        start(query);
        return 0; // nobody waits for the number of rows
      },
    });
    mayCommit = sent.length > opening; // there is something to commit
    start(statement('COMMIT')); // where a write failed, PostgreSQL makes it a ROLLBACK
    await Promise.all(sent);
    broken = false;
    return result;
  } catch (error) {
    broken = !(await canRollBack(client));
    const cause = causeOf(error, await Promise.allSettled(sent), mayCommit);
    throw lockTimeoutMs !== undefined && isLockTimeout(cause) ? new LockTimeout() : cause;
  } finally {
    client.release(broken);
  }
}

/**
 * The first statement that failed is the cause of all other errors: after it, a read only says that the transaction is
 * over. PostgreSQL answers in order, so where it answered one before the COMMIT with an error, it has committed nothing.
 */
function causeOf(error: unknown, sent: PromiseSettledResult<unknown>[], mayCommit: boolean): unknown {
  const failed = sent.findIndex(({ status }) => status === 'rejected');
  if (failed === -1) return error;
  const { reason } = sent[failed] as PromiseRejectedResult;
  const isAnswered = reason instanceof DriverAdapterError && failed < sent.length - 1;
  return mayCommit && !isAnswered && mayHaveCommitted(reason) ? new UnansweredCommit(reason) : reason;
}

/** Statements on a connection, or on any of the pool, without what Prisma's engine wants to know of their columns. */
export function queryableOn(connection: pg.Pool | pg.PoolClient): SqlQueryable {
  return {
    provider: 'postgres',
    adapterName: 'roster-postgresql',
    queryRaw: async (query) => ({ columnNames: [], columnTypes: [], rows: (await send(connection, query)).rows }),
    executeRaw: async (query) => (await send(connection, query)).rowCount ?? 0,
  };
}

/** Ends the transaction; false where the connection is of no use any more. */
function canRollBack(client: pg.PoolClient): Promise<boolean> {
  return send(client, statement('ROLLBACK')).then(
    () => true,
    () => false,
  );
}

function ignore(): void {}

function statement(sql: string): SqlQuery {
  return { sql, args: [], argTypes: [] };
}

function send(
  connection: pg.Pool | pg.PoolClient,
  { sql: text, args: values }: SqlQuery,
): Promise<pg.QueryArrayResult> {
  const name = values.length > 0 ? statementNames.find(text) : null;
  return connection.query({ ...(name !== null && { name }), text, values, rowMode: 'array', types }).catch(rethrow);
}

function rethrow(error: unknown): never {
  throw toDriverAdapterError(error);
}

/** As Prisma's adapter names what Roster tells apart; what is no error of the server's passes unchanged. */
function toDriverAdapterError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const { code = '', message, severity = '', detail, column, hint, constraint } = error;
  const original = { originalCode: code, originalMessage: message };
  if (code === '23505')
    return new DriverAdapterError({
      ...original,
      kind: 'UniqueConstraintViolation',
      constraint: { index: constraint ?? '' },
    });
  if (code === '40001' || code === '40P01' || statementNames.areRefusedBy(code))
    return new DriverAdapterError({ ...original, kind: 'TransactionWriteConflict' });
  return new DriverAdapterError({ ...original, kind: 'postgres', code, severity, message, detail, column, hint });
}

/** Moments as ISO 8601 and JSON as text, as Prisma's adapter gives them. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (type, format) => {
    if (type === pg.types.builtins.TIMESTAMP) return (text: string) => `${text.replace(' ', 'T')}Z`;
    if (type === pg.types.builtins.JSONB) return (text: string) => text;
    return pg.types.getTypeParser(type, format);
  },
};
