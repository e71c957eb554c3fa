import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import type { Transaction } from '../../src/db/database.ts';
import type { DatabaseOptions } from '../../src/db/options.ts';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import type { Prisma } from '../../src/generated/sqlite/client.ts';
import { newFolder } from './folders.ts';

/** An empty folder, removed after the test. */
export function temporaryFolder(): string {
  const folder = newFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A migrated, empty database file of this test's own, and how to open it. */
export function temporaryDatabase(busyTimeoutMs = 5000): { file: string; options: DatabaseOptions } {
  const file = join(temporaryFolder(), 'roster.db');
  copyFileSync(inject('sqliteTemplate'), file);
  return { file, options: { url: `file:${file}`, synchronous: 'normal', busyTimeoutMs } };
}

/** A connection beside Roster's, as another process would have it. It never waits. */
export function connectTo(file: string): SqliteDatabase {
  const connection = new SqliteDatabase(file, { timeout: 0 });
  onTestFinished(() => void connection.close());
  return connection;
}

/** The row of a plain user; `id` also makes the address. */
export function userRow(id: string, fields: Partial<Prisma.UserCreateInput> = {}): Prisma.UserCreateInput {
  const now = new Date('2026-01-15T12:00:00.000Z');
  const email = `${id}@example.com`;
  return { id, email, emailCanonical: email, metadata: {}, createdAt: now, updatedAt: now, ...fields };
}

export function rename({ prisma }: Pick<Transaction, 'prisma'>, id: string, firstName: string) {
  return prisma.user.update({ where: { id }, data: { firstName } });
}

/** Opens a transaction that renames `a` and waits; `end` lets it go on to its commit, or to this error. */
export async function openTransaction(
  transact: (work: (tx: Pick<Transaction, 'prisma'>) => Promise<void>) => Promise<void>,
) {
  const gate = defer<Error | null>();
  const opened = defer<void>();
  const done = transact(async (tx) => {
    await rename(tx, 'a', 'Uncommitted');
    opened.resolve();
    const error = await gate.promise;
    if (error) throw error;
  });
  await Promise.race([opened.promise, done]);
  return { done, end: gate.resolve };
}

function defer<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
