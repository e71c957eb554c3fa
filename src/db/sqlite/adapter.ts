import {
  type ArgType,
  type ColumnType,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type SqlQueryable,
  type SqlResultSet,
  type Transaction,
} from '@prisma/driver-adapter-utils';
import type { Statement } from 'better-sqlite3';
import type { Access } from '../options.ts';
import { makePrivateFile, watchFiles } from './database-file.ts';
import { SqliteDatabase } from './driver.ts';
import { toDriverAdapterError } from './errors.ts';
import { GroupCommit, type Turn } from './group-commit.ts';
import { createStatementCache } from './statement-cache.ts';

interface PreparedStatement {
  readonly statement: Statement<unknown[], unknown[]>;
  readonly columnNames: string[];
  readonly columnTypes: (ColumnType | null)[];
}

export interface SqliteOptions {
  /** The path of the file, or `:memory:`. */
  readonly path: string;
  /** A reader sees committed rows only and cannot write; a writer takes turns; a migrator takes whole scripts. */
  readonly access: Access;
  /** `full` survives a power loss; `normal` may lose the last commits in one. */
  readonly synchronous: 'full' | 'normal';
  /** How long to wait for another process that holds the file, in milliseconds. */
  readonly busyTimeoutMs: number;
}

/**
 * A Prisma driver adapter on better-sqlite3.
 *
 * The stock adapter sends a query that comes while a transaction is open into that transaction, keeps a failed
 * COMMIT open, and prepares every statement anew (prisma/prisma#29933). This one gives writers turns, answers them
 * after the commit, and keeps its statements.
 */
export function sqliteAdapter(options: SqliteOptions): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: 'sqlite',
    adapterName: 'roster-sqlite',
    connect: async () => openAdapter(options),
    connectToShadowDb: async () => openAdapter({ ...options, path: ':memory:' }),
  };
}

function openAdapter(options: SqliteOptions): SqlDriverAdapter {
  const connection = openConnection(options);
  if (options.access === 'read') return createReader(connection, createQueryable(connection));
  if (options.access === 'migrate') return createMigrator(connection, createQueryable(connection));
  const groups = new GroupCommit(connection, options.busyTimeoutMs, watchFiles(options.path));
  const queryable = createQueryable(connection, (error) => groups.noteFailure(error));
  return createWriter(connection, queryable, groups);
}

function openConnection(options: SqliteOptions): SqliteDatabase {
  const { path, access, synchronous, busyTimeoutMs } = options;
  if (access !== 'read') makePrivateFile(path);
  const connection = new SqliteDatabase(path, { timeout: busyTimeoutMs, fileMustExist: access === 'read' });
  try {
    connection.pragma('foreign_keys = ON');
    if (access === 'read') {
      connection.pragma('query_only = ON');
    } else {
      connection.pragma('journal_mode = WAL');
      connection.pragma(`synchronous = ${synchronous}`);
    }
    if (access === 'write') connection.pragma('busy_timeout = 0'); // from here on GroupCommit waits, without blocking
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function createReader(connection: SqliteDatabase, queryable: SqlQueryable): SqlDriverAdapter {
  return {
    ...queryable,
    executeScript: async (script) => void connection.exec(script),
    startTransaction: async () => createReadTransaction(queryable),
    dispose: async () => void connection.close(),
  };
}

/** Prisma's schema engine sends whole migration scripts as one statement. */
function createMigrator(connection: SqliteDatabase, queryable: SqlQueryable): SqlDriverAdapter {
  return {
    ...createReader(connection, queryable),
    executeRaw: async (query) => {
      if (query.args.length > 0) return queryable.executeRaw(query);
      connection.exec(query.sql);
      return 0;
    },
  };
}

function createWriter(connection: SqliteDatabase, queryable: SqlQueryable, groups: GroupCommit): SqlDriverAdapter {
  return {
    ...queryable,
    queryRaw: (query) => inTurn(groups, () => queryable.queryRaw(query)),
    executeRaw: (query) => inTurn(groups, () => queryable.executeRaw(query)),
    executeScript: (script) => groups.alone(() => void connection.exec(script)).catch(rethrow),
    startTransaction: async () => createTransaction(queryable, await groups.begin().catch(rethrow)),
    dispose: () => groups.alone(() => void connection.close()),
  };
}

/**
 * Prisma asks for a transaction when look-ups that come together are too different for one statement. They need none of their
 * own: each reads what is committed.
 */
function createReadTransaction(queryable: SqlQueryable): Transaction {
  const nothing = async () => {};
  return {
    ...queryable,
    options: { usePhantomQuery: true },
    commit: nothing,
    rollback: nothing,
    createSavepoint: nothing,
    rollbackToSavepoint: nothing,
    releaseSavepoint: nothing,
  };
}

function createTransaction(queryable: SqlQueryable, turn: Turn): Transaction {
  const assertOpen = () => {
    try {
      turn.assertOpen();
    } catch (error) {
      rethrow(error);
    }
  };
  const inThisTurn: SqlQueryable = {
    ...queryable,
    queryRaw: async (query) => {
      assertOpen();
      return queryable.queryRaw(query);
    },
    executeRaw: async (query) => {
      assertOpen();
      return queryable.executeRaw(query);
    },
  };
  return {
    ...inThisTurn,
    options: { usePhantomQuery: true },
    commit: async () => turn.commit().catch(rethrow),
    rollback: async () => turn.rollback(),
    createSavepoint: async (name) => execute(inThisTurn, `SAVEPOINT "${name}"`),
    rollbackToSavepoint: async (name) => execute(inThisTurn, `ROLLBACK TO "${name}"`),
    releaseSavepoint: async (name) => execute(inThisTurn, `RELEASE "${name}"`),
  };
}

async function execute(queryable: SqlQueryable, sql: string): Promise<void> {
  await queryable.executeRaw({ sql, args: [], argTypes: [] });
}

async function inTurn<T>(groups: GroupCommit, work: () => Promise<T>): Promise<T> {
  const turn = await groups.begin().catch(rethrow);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    turn.rollback();
    throw error;
  }
  await turn.commit().catch(rethrow);
  return result;
}

function rethrow(error: unknown): never {
  throw toDriverAdapterError(error);
}

function createQueryable(connection: SqliteDatabase, noteFailure = (_error: unknown) => {}): SqlQueryable {
  const { get: prepare } = createStatementCache((sql): PreparedStatement => {
    const statement = connection.prepare<unknown[], unknown[]>(sql);
    const columns = statement.reader ? statement.raw(true).columns() : [];
    return {
      statement,
      columnNames: columns.map((column) => column.name),
      columnTypes: columns.map((column) => declaredType(column.type)),
    };
  });

  return {
    provider: 'sqlite',
    adapterName: 'roster-sqlite',
    async queryRaw({ sql, args, argTypes }: SqlQuery): Promise<SqlResultSet> {
      try {
        const { statement, columnNames, columnTypes } = prepare(sql);
        const values = args.map((arg, i) => toSqlite(arg, argTypes[i]));
        if (!statement.reader) {
          statement.run(...values);
          return { columnNames: [], columnTypes: [], rows: [] };
        }
        const rows = statement.all(...values);
        return { columnNames, columnTypes: columnTypes.map((type, i) => type ?? inferType(rows, i)), rows };
      } catch (error) {
        noteFailure(error);
        throw toDriverAdapterError(error);
      }
    },
    async executeRaw({ sql, args, argTypes }: SqlQuery): Promise<number> {
      try {
        const { statement } = prepare(sql);
        const values = args.map((arg, i) => toSqlite(arg, argTypes[i]));
        return statement.reader ? statement.all(...values).length : statement.run(...values).changes;
      } catch (error) {
        noteFailure(error);
        throw toDriverAdapterError(error);
      }
    },
  };
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

function toSqlite(arg: unknown, type: ArgType | undefined): unknown {
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
