import { PrismaClient } from '../../generated/sqlite/client.ts';
import { sqliteDialect } from '../dialect.ts';
import { clientOptions, type Engine } from '../engine.ts';

export const sqliteEngine: Engine = {
  dialect: sqliteDialect,
  createClient: (adapter) => new PrismaClient({ adapter, ...clientOptions }),
  queryableOf: (adapter) => adapter,
  mayHaveCommitted: () => false, // a COMMIT that fails is undone
  /** A turn on the writing connection. */
  async transact(adapter, work) {
    const tx = await adapter.startTransaction();
    try {
      const result = await work(tx);
      await tx.commit();
      return result;
    } catch (error) {
      await tx.rollback();
      throw error;
    }
  },
};
