import { createRequire } from 'node:module';
import type { Worker } from 'node:worker_threads';
import { startAtLowPriority } from '../../threads/low-priority.ts';
import type { SqliteOptions } from './connection.ts';
import { driverPackage, type SqliteDatabase } from './driver.ts';

/** An error is left to the next time, or to SQLite's own checkpoint, when the log is longer still. */
const script = `
const Database = require(data.driver);
const connection = new Database(data.path, { fileMustExist: true });
connection.pragma('synchronous = ' + data.synchronous);
connection.pragma('wal_autocheckpoint = 0');
connection.pragma('cache_size = -64');
const checkpoint = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');
parentPort.on('message', (times) => {
  if (times === 0) {
    connection.close();
    parentPort.close();
    return;
  }
  try {
    for (let i = 0; i < times; i += 1) checkpoint.all();
  } catch {}
  parentPort.postMessage('done');
});
`;

/**
 * 8 MiB. With twice as many the disk is busy so long that commits have to wait for it; with half as many, pages that every update
 * writes are copied so often that an update costs a tenth more.
 */
export const pagesOfCheckpoint = 2000;

/**
 * 64 MiB. A log that is brought over begins anew only when nothing is left in it, and what is committed meanwhile is brought over
 * where it keeps everybody waiting, for some milliseconds: so that is done seldom.
 */
export const pagesOfLongLog = 16_000;

/** In MiB: it runs a few lines. */
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };

/** Brings what is committed from the log into the file while others are answered. */
export interface Checkpoints {
  /** To be called when a transaction has just been committed and none is open. */
  afterCommit(): void;
  close(): Promise<void>;
}

/** On a thread of their own: on the connection that writes, one keeps everybody waiting for twenty milliseconds. */
export function createCheckpoints(connection: SqliteDatabase, { path, synchronous }: SqliteOptions): Checkpoints {
  const look = connection.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)');
  const bringRest = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  let thread: Worker | null = null;
  let state: 'waiting' | 'running' | 'only the rest is left' | 'ended' = 'waiting';
  let isLong = false;

  function start(): Worker {
    const driver = createRequire(import.meta.url).resolve(driverPackage);
    const started = startAtLowPriority(script, { driver, path, synchronous }, { resourceLimits });
    started.unref();
    started.on('message', () => {
      if (state === 'running') state = isLong ? 'only the rest is left' : 'waiting';
    });
    const forget = () => {
      thread = null;
      state = 'ended'; // SQLite sees to it from now on: another thread might end as soon, with every commit
    };
    started.on('error', forget);
    started.on('exit', forget);
    return started;
  }

  return {
    afterCommit() {
      if (state === 'running' || state === 'ended') return;
      try {
        if (state === 'only the rest is left') {
          state = 'waiting';
          bringRest.all();
          return;
        }
        const [pages] = look.all();
        if (!pages || pages.log - pages.checkpointed < pagesOfCheckpoint) return;
        isLong = pages.log >= pagesOfLongLog;
        thread ??= start();
        thread.postMessage(isLong ? 2 : 1); // the second time there is only what was committed during the first
        state = 'running';
      } catch {} // what was committed is in the log, whatever becomes of a checkpoint
    },
    async close() {
      state = 'ended';
      if (!thread) return;
      const ended = new Promise((resolve) => thread?.once('exit', resolve));
      thread.ref();
      thread.postMessage(0);
      await ended;
    },
  };
}

export const noCheckpoints: Checkpoints = { afterCommit: () => {}, close: async () => {} };
