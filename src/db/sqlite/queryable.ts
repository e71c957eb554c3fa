import {
  type ArgType,
  type ColumnType,
  ColumnTypeEnum,
  type SqlQuery,
  type SqlQueryable,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils';
import type { Statement } from 'better-sqlite3';
import type { SqliteDatabase } from './driver.ts';
import { toDriverAdapterError } from './errors.ts';
import { createStatementCache } from './statement-cache.ts';

interface PreparedStatement {
  readonly statement: Statement<unknown[], unknown[]>;
  readonly columnNames: string[];
  readonly columnTypes: (ColumnType | null)[];
}

/** Statements on a connection, each prepared once. `noteFailure` is told of every error. */
export function createQueryable(connection: SqliteDatabase, noteFailure = (_error: unknown) => {}): SqlQueryable {
  const { get: prepare } = createStatementCache((sql): PreparedStatement => {
    const statement = connection.prepare<unknown[], unknown[]>(sql);
    const columns = statement.reader ? statement.raw(true).columns() : [];
    return {
      statement,
      columnNames: columns.map((column) => column.name),
      columnTypes: columns.map((column) => declaredType(column.type)),
    };
  });

  /** What the statement does with its arguments, or the error as Prisma knows it. */
  async function run<T>({ sql, args, argTypes }: SqlQuery, use: (prepared: PreparedStatement, values: unknown[]) => T) {
    try {
      return use(
        prepare(sql),
        args.map((arg, i) => toSqlite(arg, argTypes[i])),
      );
    } catch (error) {
      noteFailure(error);
      throw toDriverAdapterError(error);
    }
  }

  return {
    provider: 'sqlite',
    adapterName: 'roster-sqlite',
    queryRaw: (query) => run(query, readRows),
    executeRaw: (query) =>
      run(query, ({ statement }, values) =>
        statement.reader ? statement.all(...values).length : statement.run(...values).changes,
      ),
  };
}

function readRows({ statement, columnNames, columnTypes }: PreparedStatement, values: unknown[]): SqlResultSet {
  if (!statement.reader) {
    statement.run(...values);
    return { columnNames: [], columnTypes: [], rows: [] };
  }
  const rows = statement.all(...values);
  return { columnNames, columnTypes: columnTypes.map((type, i) => type ?? inferType(rows, i)), rows };
}

const declaredTypes: Record<string, ColumnType> = {
  INTEGER: ColumnTypeEnum.Int32,
  BIGINT: ColumnTypeEnum.Int64,
  REAL: ColumnTypeEnum.Double,
  TEXT: ColumnTypeEnum.Text,
  BOOLEAN: ColumnTypeEnum.Boolean,
  DATETIME: ColumnTypeEnum.DateTime,
  JSONB: ColumnTypeEnum.Json,
  BLOB: ColumnTypeEnum.Bytes,
};

function declaredType(declared: string | null): ColumnType | null {
  return declaredTypes[declared?.toUpperCase() ?? ''] ?? null;
}

/** A computed column has no declared type; its first value tells. */
function inferType(rows: unknown[][], column: number): ColumnType {
  const value = rows.find((row) => row[column] !== null)?.[column];
  return typeof value === 'string' ? ColumnTypeEnum.Text : ColumnTypeEnum.UnknownNumber;
}

/** A parameter as the driver takes it; of a text, its type says what it is of. */
export function toSqlite(arg: unknown, type?: ArgType): unknown {
  if (typeof arg === 'boolean') return arg ? 1 : 0;
  if (arg instanceof Date) return arg.toISOString();
  if (typeof arg !== 'string') return arg;
  switch (type?.scalarType) {
    case 'datetime':
      return new Date(arg).toISOString();
    case 'int':
      return Number(arg);
    case 'bigint':
      return BigInt(arg);
    case 'float':
    case 'decimal':
      return Number(arg);
    case 'bytes':
      return Buffer.from(arg, 'base64');
  }
  return arg;
}
