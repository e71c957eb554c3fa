import { sqlitePath } from '../../config/database-url.ts';
import type { Dialect } from '../dialect.ts';
import { findExposedFiles } from './database-file.ts';
import { assertUsableFile, refuseUnreadableFile } from './file-access.ts';

export const sqliteDialect: Dialect = {
  provider: 'sqlite',
  table: (name) => name,
  parameter: () => '?',
  oneOf: 'IN (SELECT value FROM json_each(?))',
  list: (values) => JSON.stringify(values),
  rows: (columns) => {
    const values = columns.map(({ name }) => `value ->> '${name}' AS ${name}`);
    return `(SELECT ${values.join(', ')} FROM json_each(?))`;
  },
  lock: '', // there is one writer at a time, so what it reads stays as it is
  lockAvailable: '',
  assign: ({ name }) => `row.${name}`,
  selectTime: null,

  isShared: false,
  readsApart: true, // the writing connection takes turns, and would show what is not committed yet
  loadDriver: async () => (await import('./client.ts')).driver,
  async loadAdapter({ url, synchronous, busyTimeoutMs }, access) {
    const { sqliteAdapter } = await import('./adapter.ts');
    return sqliteAdapter({ path: sqlitePath(url), access, synchronous, busyTimeoutMs });
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
  refuseUnreadable: refuseUnreadableFile,
  findExposedFiles: ({ url }) => findExposedFiles(sqlitePath(url)),
};
