import { DriverAdapterError, type SqlQuery, type SqlQueryable } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { statementNames } from './statement-names.ts';

/** Statements on a connection, or on any of the pool, without what Prisma's engine wants to know of their columns. */
export function queryableOn(connection: pg.Pool | pg.PoolClient): SqlQueryable {
  return {
    provider: 'postgres',
    adapterName: 'roster-postgresql',
    queryRaw: async (query) => ({ columnNames: [], columnTypes: [], rows: (await send(connection, query)).rows }),
    executeRaw: async (query) => (await send(connection, query)).rowCount ?? 0,
  };
}

/** A statement without parameters. */
export function statement(sql: string): SqlQuery {
  return { sql, args: [], argTypes: [] };
}

/** Sends a statement at once, prepared where it has parameters. */
export function send(
  connection: pg.Pool | pg.PoolClient,
  { sql: text, args: values }: SqlQuery,
): Promise<pg.QueryArrayResult> {
  const name = values.length > 0 ? statementNames.find(text) : null;
  return connection.query({ text, values, rowMode: 'array', types, ...(name !== null && { name }) }).catch(rethrow);
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
