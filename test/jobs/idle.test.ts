import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { momentMs } from '../../src/jobs/alarm.ts';
import { createJobs } from '../../src/jobs/jobs.ts';
import { defaultTiming, type Timing } from '../../src/jobs/runner.ts';
import { copyOptions } from '../support/copies.ts';
import { jobsDatabase } from '../support/job-runs.ts';
import { openRecorded } from '../support/recording.ts';
import { waitFor } from '../support/wait.ts';

/** A process that runs jobs, and has looked for them once; and the statements that it sends from then on. */
async function startJobs(timing: Timing) {
  const statements: string[] = [];
  const options = { ...copyOptions, url: await jobsDatabase() };
  const db = await openRecorded(options, ({ sql }) => void statements.push(sql));
  const kind = { handle: async () => {} };
  const kinds = { a: kind, b: kind, c: { ...kind, everySeconds: 3600 } };
  const jobs = createJobs({ db, log: pino({ level: 'silent' }), now: () => new Date(), kinds }, timing);
  onTestFinished(async () => {
    await jobs.stop(1000);
    await db.close();
  });
  jobs.start();
  await waitFor('its first look', () => statements.some((sql) => sql.includes('min(run_at)')));
  statements.length = 0;
  return { jobs, statements };
}

test('an idle server asks for jobs with one statement at a time, sixteen times a minute at most, and writes nothing', async () => {
  const { statements } = await startJobs({ ...defaultTiming, pollMs: 40 });
  const startedAt = performance.now();
  await waitFor('ten more', () => statements.length >= 10);
  const elapsedMs = performance.now() - startedAt;
  expect(statements.length).toBeLessThanOrEqual(Math.ceil(elapsedMs / (40 * 0.75)) + 1);
  expect(statements.filter((sql) => !sql.includes('min(run_at)'))).toEqual([]);
  expect(60_000 / (defaultTiming.pollMs * 0.75)).toBeLessThanOrEqual(16);
});

test('however many transactions ask for it, jobs are looked for once in a moment', async () => {
  const { jobs, statements } = await startJobs(defaultTiming);
  const startedAt = performance.now();
  while (performance.now() - startedAt < momentMs * 15) {
    jobs.wake();
    await nextTurn();
  }
  const elapsedMs = performance.now() - startedAt;
  expect(statements.length).toBeGreaterThan(0);
  expect(statements.length).toBeLessThanOrEqual(elapsedMs / momentMs + 1);
});
