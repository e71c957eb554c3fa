import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { createJobs } from '../../src/jobs/jobs.ts';
import { copyOptions } from '../support/copies.ts';
import { temporaryFolder } from '../support/database.ts';
import { jobsDatabase } from '../support/job-runs.ts';
import { waitFor } from '../support/wait.ts';

const leaseMs = 2000;

/** A database of jobs, a ledger of what was begun and ended, and processes that run them. */
async function openWorkshop() {
  const url = await jobsDatabase();
  const ledger = join(temporaryFolder(), 'ledger');
  writeFileSync(ledger, '');
  const db = await openDatabase({ ...copyOptions, url, busyTimeoutMs: 10_000 });
  onTestFinished(() => db.close());
  const handle = async () => {};
  const kinds = { work: { handle }, hang: { handle } };
  const jobs = createJobs({ db, log: pino({ level: 'silent' }), now: () => new Date(), kinds });
  return {
    start: () => startWorker(url, ledger),
    async enqueue(kind: string, count: number): Promise<void> {
      await db.transaction(async (tx) => {
        for (let n = 0; n < count; n += 1) await jobs.enqueue(tx, { kind });
      });
    },
    left: () => db.reader.job.count(),
    failed: () => db.reader.job.count({ where: { failedAt: { not: null } } }),
    ids: async () => (await db.reader.job.findMany()).map(({ id }) => id),
    noted: (what: string) =>
      readFileSync(ledger, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith(`${what} `))
        .map((line) => line.slice(what.length + 1)),
  };
}

async function startWorker(url: string, ledger: string): Promise<ChildProcess> {
  const args = ['--import', 'tsx', 'test/support/job-worker.ts', url, ledger, String(leaseMs)];
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, args, { env: { PATH, HOME }, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

test('jobs of two processes that take them at once run once each', async () => {
  const workshop = await openWorkshop();
  await workshop.enqueue('work', 200);
  const ids = await workshop.ids();
  await Promise.all([workshop.start(), workshop.start()]);
  await waitFor('all to be done', async () => (await workshop.left()) === 0, 120_000);
  expect(workshop.noted('begin').sort()).toEqual(ids.sort());
  expect(workshop.noted('end').sort()).toEqual(ids.sort());
});

test('what a killed process ran is run again when its lease is over, and not before', async () => {
  const workshop = await openWorkshop();
  await workshop.enqueue('hang', 1);
  const first = await workshop.start();
  await waitFor('it to be begun', () => workshop.noted('hang-1').length === 1);
  first.kill('SIGKILL');
  const killedAt = performance.now();
  await once(first, 'exit');
  await workshop.start();
  await waitFor('it to be done', async () => (await workshop.left()) === 0);
  expect(workshop.noted('hang-2')).toHaveLength(1);
  expect(performance.now() - killedAt).toBeGreaterThan(leaseMs / 2); // it was renewed a third of a lease before, at most
});

test('of 500 jobs whose processes are killed at random none is lost: each ends', async () => {
  const workshop = await openWorkshop();
  const workers = await Promise.all([workshop.start(), workshop.start(), workshop.start()]);
  for (let round = 0; round < 10; round += 1) {
    const mark = workshop.noted('begin').length + Math.random() * 30; // fewer than there are: some are under way at the kill
    await workshop.enqueue('work', 50);
    await waitFor('some to be begun', () => workshop.noted('begin').length > mark);
    const victim = Math.floor(Math.random() * workers.length);
    workers[victim]?.kill('SIGKILL');
    workers[victim] = await workshop.start();
  }
  await waitFor('the rest to be done', async () => (await workshop.left()) === 0, 120_000);
  expect(new Set(workshop.noted('end')).size).toBe(500);
  expect(await workshop.failed()).toBe(0);
});
