import { sqlitePath } from '../../config/database-url.ts';
import type { Dialect } from '../dialect.ts';
import { findExposedFiles } from './database-file.ts';
import { assertUsableFile, refuseUnreadableFile } from './file-access.ts';
import { sqliteSql } from './sql.ts';

export const sqliteDialect: Dialect = {
  provider: 'sqlite',
  ...sqliteSql,
  isShared: false,
  readsApart: true, // the writing connection takes turns, and would show what is not committed yet
  loadDriver: async () => (await import('./client.ts')).driver,
  async loadAdapter({ url, synchronous, busyTimeoutMs, checkpointsApart }, access) {
    const { sqliteAdapter } = await import('./adapter.ts');
    return sqliteAdapter({ path: sqlitePath(url), access, synchronous, busyTimeoutMs, checkpointsApart });
  },

  locateSchema: async (options) => options,
  listTables: { sql: `SELECT name FROM sqlite_master WHERE type = 'table'`, args: [], argTypes: [] },
  assertUsable: ({ url }) => assertUsableFile(sqlitePath(url)),
  assertMayMigrate: async () => {},
  assertMayUseTables: async () => {},
  async openForMigrations({ url, busyTimeoutMs }) {
    const { openForMigrations } = await import('./migrations.ts');
    return openForMigrations(sqlitePath(url), busyTimeoutMs);
  },
  async openBulkInserts({ url, synchronous, busyTimeoutMs }, columns) {
    const { openBulkInserts } = await import('./bulk-inserts.ts');
    return openBulkInserts({ path: sqlitePath(url), access: 'write', synchronous, busyTimeoutMs }, columns);
  },
  refuseUnreadable: refuseUnreadableFile,
  findExposedFiles: ({ url }) => findExposedFiles(sqlitePath(url)),
};
