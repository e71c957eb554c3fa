import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { nowAndThen } from '../log/now-and-then.ts';

export interface Sequencing {
  /** How often a process looks for what others have committed, or left behind. */
  readonly pollMs: number;
  /** Between two numberings there is so much time at least, so that one numbers what many transactions have committed. */
  readonly pauseMs: number;
}

const defaultSequencing: Sequencing = { pollMs: 250, pauseMs: 50 };

/** So many events are numbered with one statement at most. */
const maxBatch = 1000;

/** Gives events that are committed their positions, beside the requests and in every process: whichever comes first does it. */
export interface Sequencer {
  /** Something was committed: has it numbered at once. */
  wake(): void;
  start(): void;
  /** Ends when what it is at is done. */
  stop(): Promise<void>;
}

/** Where events have their positions from the start, there is nothing to do. */
const idle: Sequencer = { wake() {}, start() {}, stop: async () => {} };

export function createSequencer(
  db: Pick<Database, 'numberEvents'>,
  log: Logger,
  { pollMs, pauseMs } = defaultSequencing,
): Sequencer {
  const { numberEvents } = db;
  if (!numberEvents) return idle;
  const number = numberEvents;
  let isStopping = false;
  let isAwake = false;
  let interrupt = () => {};
  let looping: Promise<void> | null = null;
  const warn = nowAndThen((count) => log.warn({ count }, 'events wait for their order: the database did not answer'));

  function pause(ms: number, isFirm: boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      interrupt = () => {
        if (isFirm && !isStopping) return;
        clearTimeout(timer);
        resolve();
      };
      if (isAwake || isStopping) interrupt();
    });
  }

  async function loop(): Promise<void> {
    while (!isStopping) {
      isAwake = false;
      try {
        const count = await number(maxBatch);
        if (count > 0) isAwake = true; // where some were, there may be more
      } catch {
        warn();
      }
      await pause(pauseMs, true);
      if (!isAwake) await pause(pollMs, false);
    }
  }

  return {
    wake() {
      isAwake = true;
      interrupt();
    },
    start() {
      looping ??= loop();
    },
    async stop() {
      isStopping = true;
      interrupt();
      await looping;
    },
  };
}
