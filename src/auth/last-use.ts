import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { waitAtMost } from '../jobs/time-limit.ts';

const flushMs = 10_000;
const maxKeys = 10_000;
const blockSize = 100;
/** A stop waits so long for a database that is away. */
const stopMs = 2000;

/** When API keys were last used, collected in memory, so that no request waits for a write. */
export interface LastUse {
  note(id: string): void;
  /** Writes what was noted. What cannot be written is kept for the next time, with a warning. */
  flush(): Promise<void>;
  /** Flushes now and then from now on. */
  start(): void;
  /** Flushes for the last time, within two seconds. */
  stop(): Promise<void>;
}

export function createLastUse(db: Database, log: Logger, now: () => Date): LastUse {
  let noted = new Map<string, Date>();
  let timer: NodeJS.Timeout | undefined;
  let flushing = Promise.resolve();

  async function write(): Promise<void> {
    const stamps = [...noted].sort(([a], [b]) => (a < b ? -1 : 1)); // in one order: two processes do not wait for each other in a circle
    noted = new Map();
    for (let begin = 0; begin < stamps.length; begin += blockSize) {
      try {
        await stampBlock(db, stamps.slice(begin, begin + blockSize));
      } catch (error) {
        const left = stamps.slice(begin);
        log.warn({ err: error, keys: left.length }, 'the last use of API keys could not be stored; tried again later');
        for (const [id, at] of left) if (!noted.has(id)) noted.set(id, at);
        return;
      }
    }
  }

  const flush = () => {
    flushing = flushing.then(write);
    return flushing;
  };

  return {
    note(id) {
      noted.set(id, now());
      if (noted.size > maxKeys) noted.delete(noted.keys().next().value as string); // a database that is away must not fill the memory
    },
    flush,
    start() {
      timer ??= setInterval(flush, flushMs).unref();
    },
    async stop() {
      clearInterval(timer);
      await waitAtMost(stopMs, flush());
    },
  };
}

/** Another process may have seen the key used later. */
async function stampBlock(db: Database, stamps: [id: string, at: Date][]): Promise<void> {
  await db.transaction(async (tx) => {
    for (const [id, lastUsedAt] of stamps) {
      const isOlder = { OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: lastUsedAt } }] };
      await tx.prisma.apiKey.updateMany({ where: { id, ...isOlder }, data: { lastUsedAt } });
    }
  });
}
