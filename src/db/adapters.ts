import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { type SqliteOptions, sqliteAdapter } from './sqlite-adapter.ts';

export interface DatabaseOptions {
  /** `file:./roster.db`, say. */
  readonly url: string;
  readonly synchronous: SqliteOptions['synchronous'];
  readonly busyTimeoutMs: number;
}

/** The path in a `file:` URL, as Prisma reads it: relative to the working directory. */
export function sqlitePath(url: string): string {
  return url.replace(/^file:(\/\/)?/, '').replace(/\?.*$/, '');
}

/** An adapter for one kind of access to an SQLite file. */
export function adapterFor(
  { url, synchronous, busyTimeoutMs }: DatabaseOptions,
  access: SqliteOptions['access'],
): SqlMigrationAwareDriverAdapterFactory {
  return sqliteAdapter({ path: sqlitePath(url), access, synchronous, busyTimeoutMs });
}
