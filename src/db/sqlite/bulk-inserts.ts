import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { BulkInserts, ImportProgress, Inserted, UserColumns } from '../bulk-inserts.ts';
import type { Column } from '../columns.ts';
import { bulkThread } from './bulk-thread.ts';
import { pagesOfLargeLog, type SqliteOptions } from './connection.ts';
import { watchFiles } from './database-file.ts';
import { driverPackage } from './driver.ts';
import { toDriverAdapterError } from './errors.ts';
import { toSqlite } from './queryable.ts';
import { insertOne } from './sql.ts';

/** In the order in which they refer to each other. */
const tables = ['users', 'identities', 'passwords'] as const;

/** 64 MiB: of a million users, half of what the two indexes take whose values come in no order. Each page that does not fit is written, and read again. */
const cacheKiB = 64_000;

/** In MiB: it has some batches of rows, each for a moment. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8, stackSizeMb: 1 };

interface Reply {
  readonly result?: unknown;
  readonly error?: { readonly name: string; readonly code: string; readonly message: string };
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** The thread is started with the first rows. */
export function openBulkInserts(options: SqliteOptions, columns: UserColumns): BulkInserts {
  const assertInPlace = watchFiles(options.path);
  let thread: ReturnType<typeof startThread> | null = null;
  const ask = (question: readonly unknown[]) => {
    thread ??= startThread(options, columns);
    return thread.ask(question);
  };
  return {
    async insert(rows) {
      const values = tables.map((table) => rows[table].map((row) => valuesOf(columns[table], row)));
      return (await ask(['insert', values])) as Inserted;
    },
    async commit(progress) {
      assertInPlace();
      const isMine = await ask(['commit', progressValues(progress)]);
      assertInPlace(); // it may have gone meanwhile
      return isMine as boolean;
    },
    pause: async () => void (thread && (await ask(['pause']))),
    close: async () => thread?.close(),
  };
}

/** Questions are answered in their order. */
function startThread({ path, synchronous, busyTimeoutMs }: SqliteOptions, columns: UserColumns) {
  const driver = createRequire(import.meta.url).resolve(driverPackage);
  const inserts = tables.map((table) => insertOne(table, columns[table]));
  const workerData = { driver, path, synchronous, busyTimeoutMs, pagesOfLog: pagesOfLargeLog, cacheKiB, inserts };
  const worker = new Worker(bulkThread, { eval: true, workerData, resourceLimits });
  const waiting: Waiting[] = [];
  let ended: Error | null = null;

  worker.on('message', ({ result, error }: Reply) => {
    const asked = waiting.shift();
    if (error) asked?.reject(toDriverAdapterError(Object.assign(new Error(error.message), error)));
    else asked?.resolve(result);
  });
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  worker.on('error', end);
  worker.on('exit', () => end(new Error('The thread that writes to the database has ended.')));

  return {
    ask: (question: readonly unknown[]) =>
      new Promise<unknown>((resolve, reject) => {
        if (ended) return reject(ended);
        waiting.push({ resolve, reject });
        worker.postMessage(question);
      }),
    close: async () => {
      if (ended) return;
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      worker.postMessage(['close']);
      await exited;
    },
  };
}

function valuesOf(columns: readonly Column[], row: object): unknown[] {
  return columns.map(({ field, type }) => {
    const value = (row as Record<string, unknown>)[field] ?? null;
    return toSqlite(type === 'Json' && value !== null ? JSON.stringify(value) : value);
  });
}

/** As the thread's statement takes them. */
function progressValues({ records, counts, updatedAt, lockedUntil, id, lockedBy }: ImportProgress): unknown[] {
  return [records, JSON.stringify(counts), updatedAt.toISOString(), lockedUntil?.toISOString() ?? null, id, lockedBy];
}
