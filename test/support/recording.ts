import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory, SqlQuery } from '@prisma/driver-adapter-utils';
import { adapterFor, type DatabaseOptions } from '../../src/db/adapters.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';

/** The database, on connections that note every statement that they are sent, but those that begin and end transactions. */
export async function openRecorded(options: DatabaseOptions, note: (query: SqlQuery) => void): Promise<Database> {
  const tell = (query: SqlQuery) => {
    if (!/^(BEGIN|COMMIT|ROLLBACK)/.test(query.sql)) note(query);
  };
  return openDatabase(options, (...access) => recording(adapterFor(...access), tell));
}

type Factory = SqlMigrationAwareDriverAdapterFactory;

function recording(factory: Factory, note: (query: SqlQuery) => void): Factory {
  return { ...factory, connectToShadowDb: () => factory.connectToShadowDb(), connect: () => connect(factory, note) };
}

async function connect(factory: Factory, note: (query: SqlQuery) => void): Promise<SqlDriverAdapter> {
  const adapter = await factory.connect();
  const start = adapter.startTransaction.bind(adapter);
  noteStatements(adapter, note);
  adapter.startTransaction = async (level) => noteStatements(await start(level), note);
  return adapter;
}

function noteStatements<T extends Pick<SqlDriverAdapter, 'queryRaw' | 'executeRaw'>>(
  queryable: T,
  note: (query: SqlQuery) => void,
): T {
  const [queryRaw, executeRaw] = [queryable.queryRaw.bind(queryable), queryable.executeRaw.bind(queryable)];
  queryable.queryRaw = (query) => {
    note(query);
    return queryRaw(query);
  };
  queryable.executeRaw = (query) => {
    note(query);
    return executeRaw(query);
  };
  return queryable;
}
