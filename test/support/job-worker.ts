import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { openDatabase } from '../../src/db/database.ts';
import { createJobs } from '../../src/jobs/jobs.ts';

/** A process that runs jobs until it is killed: node --import tsx job-worker.ts URL LEDGER LEASE_MS */
const [url = '', ledger = '', leaseMs = ''] = process.argv.slice(2);
const db = await openDatabase({ url, synchronous: 'normal', busyTimeoutMs: 10_000 });
const note = (what: string, id: string) => appendFileSync(ledger, `${what} ${id}\n`);
const kinds = {
  work: {
    concurrency: 4,
    maxAttempts: 1000,
    handle: async (_: unknown, { id }: { id: string }) => {
      note('begin', id);
      await sleep(Math.random() * 40);
      note('end', id);
    },
  },
  hang: {
    handle: (_: unknown, { id, attempt }: { id: string; attempt: number }) => {
      note(`hang-${attempt}`, id);
      return attempt === 1 ? new Promise<void>(() => {}) : Promise.resolve();
    },
  },
};
const log = pino({ level: 'error' });
createJobs({ db, log, now: () => new Date(), kinds }, { leaseMs: Number(leaseMs), pollMs: 100 }).start();
setInterval(() => {}, 3_600_000);
process.stdout.write('ready\n');
