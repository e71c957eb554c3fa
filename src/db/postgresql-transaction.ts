import { DriverAdapterError, type SqlQuery, type SqlQueryable } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { statementNames } from './statement-names.ts';

/**
 * Runs `work` as one transaction in two round trips instead of four: BEGIN is sent together with the first reads, and
 * COMMIT together with the last write. So a write that fails is heard of at the end; then nothing of it all stands.
 */
export async function inPostgresqlTransaction<T>(
  pool: pg.Pool,
  work: (queryable: SqlQueryable) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch(rethrow);
  client.on('error', ignore); // whoever waits for an answer hears of it
  const writes: Promise<unknown>[] = [];
  const write = (query: SqlQuery) => {
    const sent = send(client, query);
    sent.catch(ignore); // until the end
    writes.push(sent);
  };
  let broken = true;
  try {
    write(statement('BEGIN'));
    const result = await work({
      ...queryableOn(client),
      executeRaw: async (query) => {
        write(query);
        return 0; // nobody waits for the number of rows
      },
    });
    write(statement('COMMIT')); // where a write failed, PostgreSQL makes it a ROLLBACK
    await settle(writes);
    broken = false;
    return result;
  } catch (error) {
    broken = await send(client, statement('ROLLBACK')).then(
      () => false,
      () => true,
    );
    await settle(writes); // after a write that failed, a read only says that the transaction is over
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
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

function ignore(): void {}

/** Waits for all, and throws the first error, which is the cause of the others. */
async function settle(writes: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(writes);
  for (const write of writes) await write;
}

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
