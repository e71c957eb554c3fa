import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';

/** When a key was last used is stamped by reading requests too, and jobs run by the clock. */
const ignored = { tables: ['readiness', 'jobs', '_prisma_migrations', 'sqlite_sequence'], columns: ['last_used_at'] };

/** Every row of every table as it is in the file, to compare before and after. */
export function dumpTables(file: string): Record<string, unknown[]> {
  const db = new SqliteDatabase(file, { readonly: true });
  try {
    const names = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`).pluck().all();
    const tables = (names as string[]).filter((name) => !ignored.tables.includes(name));
    return Object.fromEntries(tables.map((name) => [name, db.prepare(`SELECT * FROM "${name}"`).all().map(strip)]));
  } finally {
    db.close();
  }
}

function strip(row: unknown): object {
  return Object.fromEntries(Object.entries(row as object).filter(([column]) => !ignored.columns.includes(column)));
}
