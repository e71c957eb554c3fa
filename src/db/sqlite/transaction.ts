import type { SqlQueryable, Transaction } from '@prisma/driver-adapter-utils';
import type { SqliteDatabase } from './driver.ts';
import { rethrow } from './errors.ts';
import type { Turn } from './group-commit.ts';

/**
 * Prisma asks for a transaction when look-ups that come together are too different for one statement. They need none of their
 * own: each reads what is committed.
 */
export function createReadTransaction(queryable: SqlQueryable): Transaction {
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

/** What is read in it is as it was at its first query. The connection is of no other use meanwhile. */
export function createSnapshot(connection: SqliteDatabase, queryable: SqlQueryable): Transaction {
  connection.exec('BEGIN');
  const end = async () => void connection.exec('COMMIT');
  return { ...createReadTransaction(queryable), commit: end, rollback: end };
}

/** A transaction of Prisma's: one writer's turn. */
export function createTransaction(queryable: SqlQueryable, turn: Turn): Transaction {
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
    options: { usePhantomQuery: true },
    commit: async () => turn.commit().catch(rethrow),
    rollback: async () => turn.rollback(),
    createSavepoint: async (name) => execute(inThisTurn, `SAVEPOINT "${name}"`),
    rollbackToSavepoint: async (name) => execute(inThisTurn, `ROLLBACK TO "${name}"`),
    releaseSavepoint: async (name) => execute(inThisTurn, `RELEASE "${name}"`),
    ...inThisTurn,
  };
}

async function execute(queryable: SqlQueryable, sql: string): Promise<void> {
  await queryable.executeRaw({ sql, args: [], argTypes: [] });
}
