import { describe, expect, test } from 'vitest';
import { backOffMs } from '../../src/jobs/back-off.ts';
import type { JobKind } from '../../src/jobs/types.ts';
import { jobsDatabase, openJobs, stoppedClock } from '../support/job-runs.ts';
import { waitFor } from '../support/wait.ts';

const hourMs = 3_600_000;

describe('a recurring kind', () => {
  test('has one row, however many processes start, and runs again after its interval', async () => {
    const [url, clock] = [await jobsDatabase(), stoppedClock()];
    let runs = 0;
    const handle = async () => {
      runs += 1;
    };
    const kinds = { hourly: { everySeconds: 3600, handle } };
    const processes = await Promise.all(Array.from({ length: 3 }, () => openJobs(url, kinds, clock)));
    for (const { jobs } of processes) jobs.start();
    const [first] = processes as [(typeof processes)[0]];
    await waitFor('the row', async () => (await first.rows()).length > 0);
    await Promise.all(processes.map(({ jobs }) => jobs.stop(1000)));
    expect(await first.rows()).toMatchObject([{ kind: 'hourly', key: 'hourly', intervalSeconds: 3600, attempts: 0 }]);

    const later = await openJobs(url, kinds, clock);
    for (const expected of [1, 2, 3]) {
      clock.forward(hourMs);
      await later.jobs.runDue();
      await later.jobs.runDue();
      expect(runs).toBe(expected);
    }
    expect(await later.rows()).toMatchObject([{ attempts: 0, runAt: new Date(clock.now().getTime() + hourMs) }]);
  });

  test('goes on after it has failed, and tells of it until it succeeds', async () => {
    const [url, clock] = [await jobsDatabase(), stoppedClock()];
    let fails = true;
    const handle = async () => {
      if (fails) throw new Error('no');
    };
    const hourly: JobKind = { everySeconds: 3600, maxAttempts: 1, handle };
    const t = await openJobs(url, { hourly }, clock);
    t.jobs.start();
    await waitFor('the row', async () => (await t.rows()).length > 0);
    await t.jobs.stop(1000);
    const later = await openJobs(url, { hourly }, clock);
    clock.forward(hourMs);
    await later.jobs.runDue();
    const next = new Date(clock.now().getTime() + hourMs);
    expect(await later.rows()).toMatchObject([{ lastError: 'no', failedAt: clock.now(), runAt: next, attempts: 0 }]);
    fails = false;
    clock.forward(hourMs);
    await later.jobs.runDue();
    expect(await later.rows()).toMatchObject([{ lastError: null, failedAt: null, attempts: 0 }]);
  });
});

test('the back-off doubles up to an hour, and lies between half of that and the whole', () => {
  const whole = [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600].map((seconds) => seconds * 1000);
  for (const [i, ms] of whole.entries()) {
    expect(backOffMs(i + 1, 1)).toBe(ms);
    expect(backOffMs(i + 1, 0)).toBe(ms / 2);
    expect(backOffMs(i + 1)).toBeLessThanOrEqual(ms);
  }
  expect(backOffMs(5000, 1)).toBe(hourMs);
});
