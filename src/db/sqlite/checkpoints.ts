import { createRequire } from 'node:module';
import type { Worker } from 'node:worker_threads';
import { startAtLowPriority } from '../../threads/low-priority.ts';
import type { SqliteOptions } from './connection.ts';
import { driverPackage, type SqliteDatabase } from './driver.ts';

/**
 * The second time there is only what was committed during the first. An error is left to the next time, or to SQLite's own
 * checkpoint, when the log is long.
 */
const script = `
const Database = require(data.driver);
const connection = new Database(data.path, { fileMustExist: true });
connection.pragma('synchronous = ' + data.synchronous);
connection.pragma('wal_autocheckpoint = 0');
const checkpoint = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');
parentPort.on('message', (isLast) => {
  if (isLast) {
    connection.close();
    parentPort.close();
    return;
  }
  try {
    checkpoint.all();
    checkpoint.all();
  } catch {}
  parentPort.postMessage('done');
});
`;

/**
 * 8 MiB. With twice as many the disk is busy so long that commits have to wait for it; with half as many, pages that every update
 * writes are copied so often that an update costs a tenth more.
 */
export const pagesOfCheckpoint = 2000;

/** In MiB: it runs a few lines. */
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };

/** Brings what is committed from the log into the file while others are answered. */
export interface Checkpoints {
  /** To be called when a transaction has just been committed and none is open. */
  afterCommit(): void;
  close(): Promise<void>;
}

/**
 * Checkpoints on a thread of their own: on the connection that writes, one keeps everybody waiting for twenty milliseconds. What
 * was committed meanwhile is brought over here, in a moment, because the log begins anew only when nothing is left in it.
 */
export function createCheckpoints(connection: SqliteDatabase, { path, synchronous }: SqliteOptions): Checkpoints {
  const look = connection.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)');
  const bringRest = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  let thread: Worker | null = null;
  let state: 'waiting' | 'running' | 'rest is left' = 'waiting';

  function start(): Worker {
    const driver = createRequire(import.meta.url).resolve(driverPackage);
    const started = startAtLowPriority(script, { driver, path, synchronous }, { resourceLimits });
    started.unref();
    started.on('message', () => {
      state = 'rest is left';
    });
    const forget = () => {
      thread = null;
      state = 'waiting';
    };
    started.on('error', forget); // the next commit starts another, and until then SQLite sees to it
    started.on('exit', forget);
    return started;
  }

  return {
    afterCommit() {
      if (state === 'running') return;
      try {
        if (state === 'rest is left') {
          state = 'waiting';
          bringRest.all();
          return;
        }
        const [pages] = look.all();
        if (!pages || pages.log - pages.checkpointed < pagesOfCheckpoint) return;
      } catch {
        return; // what was committed is in the log, whatever becomes of a checkpoint
      }
      state = 'running';
      thread ??= start();
      thread.postMessage(false);
    },
    async close() {
      state = 'running'; // none begins any more
      if (!thread) return;
      const ended = new Promise((resolve) => thread?.once('exit', resolve));
      thread.ref();
      thread.postMessage(true);
      await ended;
    },
  };
}

export const noCheckpoints: Checkpoints = { afterCommit: () => {}, close: async () => {} };
