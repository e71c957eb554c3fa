import type {
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
  SqlQueryable,
} from '@prisma/driver-adapter-utils';
import { type Checkpoints, createCheckpoints, noCheckpoints } from './checkpoints.ts';
import { openConnection, type SqliteOptions } from './connection.ts';
import { watchFiles } from './database-file.ts';
import type { SqliteDatabase } from './driver.ts';
import { rethrow } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import { createQueryable } from './queryable.ts';
import { createReadTransaction, createSnapshot, createTransaction } from './transaction.ts';

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
  const checkpoints = options.checkpointsApart ? createCheckpoints(connection, options) : noCheckpoints;
  const { busyTimeoutMs, path } = options;
  const groups = new GroupCommit(connection, busyTimeoutMs, watchFiles(path), checkpoints.afterCommit);
  const queryable = createQueryable(connection, (error) => groups.noteFailure(error));
  return createWriter(connection, queryable, groups, checkpoints);
}

function createReader(connection: SqliteDatabase, queryable: SqlQueryable): SqlDriverAdapter {
  return {
    ...queryable,
    executeScript: async (script) => void connection.exec(script),
    startTransaction: async (isolationLevel) =>
      isolationLevel ? createSnapshot(connection, queryable) : createReadTransaction(queryable),
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

function createWriter(
  connection: SqliteDatabase,
  queryable: SqlQueryable,
  groups: GroupCommit,
  checkpoints: Checkpoints,
): SqlDriverAdapter {
  return {
    ...queryable,
    queryRaw: (query) => inTurn(groups, () => queryable.queryRaw(query)),
    executeRaw: (query) => inTurn(groups, () => queryable.executeRaw(query)),
    executeScript: (script) => groups.alone(() => void connection.exec(script)).catch(rethrow),
    startTransaction: async () => createTransaction(queryable, await groups.begin().catch(rethrow)),
    dispose: async () => {
      await groups.alone(() => void connection.close());
      await checkpoints.close(); // whoever closes last removes the log
    },
  };
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
