import { describe, expect, test } from 'vitest';
import { backOffMs } from '../../src/jobs/back-off.ts';
import type { JobKind } from '../../src/jobs/types.ts';
import { gate, jobsDatabase, openJobs, stoppedClock } from '../support/job-runs.ts';
import { waitFor } from '../support/wait.ts';

const minuteMs = 60_000;

/** A kind that notes what it is given. */
function noting(more: Partial<JobKind> = {}) {
  const seen: unknown[] = [];
  const kind: JobKind = { handle: async (payload) => void seen.push(payload), ...more };
  return { seen, kind };
}

const failing = (more: Partial<JobKind> = {}): JobKind => ({
  handle: async () => {
    throw new Error('The server at "mail.example.com" refused ada@example.com.');
  },
  ...more,
});

describe('a job', () => {
  test('is done at once after the commit of its cause, and its row goes', async () => {
    const { seen, kind } = noting();
    const t = await openJobs(await jobsDatabase(), { note: kind }, { timing: { leaseMs: 60_000, pollMs: 3_600_000 } });
    t.jobs.start();
    await t.enqueue({ kind: 'note', payload: { n: 1 } });
    await waitFor('it to be done', async () => seen.length > 0 && (await t.rows()).length === 0);
    await t.enqueue({ kind: 'note', payload: { n: 2 } }); // by now it has looked, and waits for an hour
    await waitFor('the second', async () => (await t.rows()).length === 0);
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('whose cause is undone is not done', async () => {
    const { seen, kind } = noting();
    const t = await openJobs(await jobsDatabase(), { note: kind });
    const undone = t.db.transaction(async (tx) => {
      await t.jobs.enqueue(tx, { kind: 'note' });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await t.jobs.runDue();
    expect([seen, await t.rows()]).toEqual([[], []]);
  });

  test('waits for its time', async () => {
    const { seen, kind } = noting();
    const clock = stoppedClock();
    const t = await openJobs(await jobsDatabase(), { note: kind }, clock);
    await t.enqueue({ kind: 'note', runAt: new Date(clock.now().getTime() + minuteMs) });
    clock.forward(minuteMs - 1);
    await t.jobs.runDue();
    expect(seen).toEqual([]);
    clock.forward(1);
    await t.jobs.runDue();
    expect(seen).toEqual([{}]);
  });

  test('of a kind that this process does not know is left to one that does; none is enqueued', async () => {
    const url = await jobsDatabase();
    const newer = await openJobs(url, { 'of tomorrow': noting().kind });
    await newer.enqueue({ kind: 'of tomorrow' });
    const older = await openJobs(url, { note: noting().kind });
    await older.jobs.runDue();
    expect(await older.rows()).toMatchObject([{ kind: 'of tomorrow', attempts: 0 }]);
    await expect(older.enqueue({ kind: 'of tomorrow' })).rejects.toThrow("no kind of job 'of tomorrow'");
    await newer.jobs.runDue();
    expect(await newer.rows()).toEqual([]);
  });

  test('runs once, whoever takes it: two processes at once', async () => {
    const url = await jobsDatabase();
    const [a, b] = [noting({ concurrency: 4 }), noting({ concurrency: 4 })];
    const [one, two] = [await openJobs(url, { note: a.kind }), await openJobs(url, { note: b.kind })];
    await one.db.transaction(async (tx) => {
      for (let n = 0; n < 100; n += 1) await one.jobs.enqueue(tx, { kind: 'note', payload: { n } });
    });
    await Promise.all([one.jobs.runDue(), two.jobs.runDue()]);
    expect(await one.rows()).toEqual([]);
    const numbers = [...a.seen, ...b.seen].map((payload) => (payload as { n: number }).n);
    expect(numbers.sort((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  test('of one kind does not wait for a slow one of another, and as many run as the kind says', async () => {
    const slow = gate();
    let [running, most] = [0, 0];
    const handle = async () => {
      running += 1;
      most = Math.max(most, running);
      await slow.opened;
      running -= 1;
    };
    const { seen, kind } = noting();
    const t = await openJobs(await jobsDatabase(), { slow: { handle, concurrency: 2 }, note: kind });
    for (let n = 0; n < 5; n += 1) await t.enqueue({ kind: 'slow' });
    t.jobs.start();
    await waitFor('two to run', () => running === 2);
    await t.enqueue({ kind: 'note' });
    await waitFor('the other kind', () => seen.length === 1);
    slow.open();
    await waitFor('all', async () => (await t.rows()).length === 0);
    expect(most).toBe(2);
  });
});

describe('a job that fails', () => {
  test('is tried again, later each time, and then has failed, with its reason and without values; the log names kind and id', async () => {
    const clock = stoppedClock();
    const t = await openJobs(await jobsDatabase(), { mail: failing({ maxAttempts: 3 }) }, clock);
    await t.enqueue({ kind: 'mail', payload: { to: 's3cret' } });
    for (const attempts of [1, 2]) {
      await t.jobs.runDue();
      await t.jobs.runDue(); // it is not due
      const [row] = await t.rows();
      expect(row).toMatchObject({ attempts, lockedBy: null, failedAt: null });
      const waitMs = Number(row?.runAt) - clock.now().getTime();
      expect(waitMs).toBeGreaterThanOrEqual(backOffMs(attempts, 0));
      expect(waitMs).toBeLessThanOrEqual(backOffMs(attempts, 1));
      clock.forward(waitMs);
    }
    await t.jobs.runDue();
    clock.forward(24 * 60 * minuteMs);
    await t.jobs.runDue();
    const [row] = await t.rows();
    expect(row).toMatchObject({ attempts: 3, runAt: null, lockedBy: null, failedAt: expect.any(Date) });
    expect(row?.lastError).toBe('The server at "…" refused …');
    const lines = t
      .logged()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ level, jobId, kind, attempts }) => ({ level, jobId, kind, attempts }))).toEqual(
      [
        [40, 1],
        [40, 2],
        [50, 3],
      ].map(([level, attempts]) => ({ level, jobId: row?.id, kind: 'mail', attempts })),
    );
    expect(t.logged()).not.toMatch(/s3cret|ada@|mail\.example/);
  });

  test('because each process dies of it is poison, too: it is not begun for ever', async () => {
    const { seen, kind } = noting({ maxAttempts: 3 });
    const clock = stoppedClock();
    const t = await openJobs(await jobsDatabase(), { note: kind }, clock);
    await t.enqueue({ kind: 'note' });
    await t.db.transaction((tx) => tx.prisma.job.updateMany({ data: { attempts: 3, lockedBy: 'dead' } }));
    await t.jobs.runDue();
    expect(seen).toEqual([]);
    expect(await t.rows()).toMatchObject([
      { runAt: null, lastError: 'Each process that ran it ended before it was done.' },
    ]);
  });

  test('because it takes too long is given up, and tried again', async () => {
    const clock = stoppedClock();
    let signal: AbortSignal | undefined;
    const handle: JobKind['handle'] = (_, context) => {
      signal = context.signal;
      return new Promise(() => {});
    };
    const t = await openJobs(await jobsDatabase(), { hang: { handle, timeoutMs: 50 } }, clock);
    await t.enqueue({ kind: 'hang' });
    await t.jobs.runDue();
    expect(signal?.aborted).toBe(true);
    expect(await t.rows()).toMatchObject([{ attempts: 1, lockedBy: null, lastError: 'It took longer than 50 ms.' }]);
  });
});

describe('a lease', () => {
  test('that ends lets another process run the job; what the first one says afterwards does not count', async () => {
    const url = await jobsDatabase();
    const clock = stoppedClock();
    const hanging = gate();
    const dead = await openJobs(url, { note: { handle: () => hanging.opened } }, clock);
    await dead.enqueue({ kind: 'note' });
    const late = dead.jobs.runDue();
    await waitFor('it to be begun', async () => (await dead.rows({ lockedBy: { not: null } })).length === 1);
    const seen: number[] = [];
    const handle = async () => {
      seen.push(1);
      throw new Error('again');
    };
    const other = await openJobs(url, { note: { handle } }, clock);
    await other.jobs.runDue();
    expect(seen).toEqual([]);
    clock.forward(30_000);
    await other.jobs.runDue();
    expect(seen).toEqual([1]);
    hanging.open();
    await late;
    expect(await other.rows()).toMatchObject([{ attempts: 2, lastError: 'again' }]);
  });

  test('that is over because the process stood still is renewed before it takes anything: it does not begin its own job again', async () => {
    const hold = gate();
    let begun = 0;
    const handle = async () => {
      begun += 1;
      await hold.opened;
    };
    const clock = { ...stoppedClock(), timing: { leaseMs: 60_000, pollMs: 20 } };
    const t = await openJobs(await jobsDatabase(), { hold: { handle, concurrency: 2 } }, clock);
    t.jobs.start();
    await t.enqueue({ kind: 'hold' });
    await waitFor('it to be begun', () => begun === 1);
    clock.forward(2 * clock.timing.leaseMs);
    const runAt = new Date(clock.now().getTime() + clock.timing.leaseMs);
    await waitFor('it to be renewed', async () => (await t.rows({ runAt })).length === 1);
    hold.open();
    await waitFor('it to be done', async () => (await t.rows()).length === 0);
    expect(begun).toBe(1);
  });

  test('of a job that takes long is renewed: no other process begins it', async () => {
    const url = await jobsDatabase();
    const [long, { seen, kind }] = [gate(), noting()];
    const clock = { ...stoppedClock(), timing: { leaseMs: 300, pollMs: 50 } };
    const one = await openJobs(url, { note: { handle: () => long.opened } }, clock);
    await one.enqueue({ kind: 'note' });
    one.jobs.start();
    await waitFor('it to be begun', async () => (await one.rows({ lockedBy: { not: null } })).length === 1);
    const two = await openJobs(url, { note: kind }, clock);
    for (let halves = 1; halves <= 6; halves += 1) {
      clock.forward(clock.timing.leaseMs / 2);
      const runAt = new Date(clock.now().getTime() + clock.timing.leaseMs);
      await waitFor('it to be renewed', async () => (await two.rows({ runAt })).length === 1);
      await two.jobs.runDue();
    }
    long.open();
    await waitFor('it to be done', async () => (await two.rows()).length === 0);
    expect(seen).toEqual([]);
  });
});

describe('a stop', () => {
  test('lets a job that is nearly done finish', async () => {
    const nearly = gate();
    const t = await openJobs(await jobsDatabase(), { note: { handle: () => nearly.opened } });
    await t.enqueue({ kind: 'note' });
    t.jobs.start();
    await waitFor('it to be begun', async () => (await t.rows({ lockedBy: { not: null } })).length === 1);
    const stopped = t.jobs.stop(10_000);
    nearly.open();
    await stopped;
    expect(await t.rows()).toEqual([]);
  });

  test('ends a job that heeds its signal; it is due for the next process at once, and the attempt does not count', async () => {
    const handle: JobKind['handle'] = (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const url = await jobsDatabase();
    const t = await openJobs(url, { long: { handle } });
    await t.enqueue({ kind: 'long' });
    t.jobs.start();
    await waitFor('it to be begun', async () => (await t.rows({ lockedBy: { not: null } })).length === 1);
    await t.jobs.stop(10_000);
    expect(await t.rows()).toMatchObject([{ attempts: 0, lockedBy: null, lastError: null }]);
    const { seen, kind } = noting();
    await (await openJobs(url, { long: kind })).jobs.runDue();
    expect(seen).toEqual([{}]);
    expect(t.logged()).toBe('');
  });

  test('does not wait for one that hangs longer than it may, says which, and leaves it its lease', async () => {
    const t = await openJobs(await jobsDatabase(), { hang: { handle: () => new Promise(() => {}) } });
    await t.enqueue({ kind: 'hang' });
    t.jobs.start();
    await waitFor('it to be begun', async () => (await t.rows({ lockedBy: { not: null } })).length === 1);
    await t.jobs.stop(50);
    const [row] = await t.rows();
    expect(row).toMatchObject({ attempts: 1, lockedBy: expect.any(String) });
    expect(t.logged()).toContain(`"jobs":[{"id":"${row?.id}","kind":"hang"}],"msg":"jobs did not end in time`);
  });

  test('begins nothing any more', async () => {
    const { seen, kind } = noting();
    const t = await openJobs(await jobsDatabase(), { note: kind });
    t.jobs.start();
    await t.jobs.stop(1000);
    await t.enqueue({ kind: 'note' });
    await t.jobs.runDue();
    expect(seen).toEqual([]);
    expect(await t.rows()).toHaveLength(1);
  });
});

describe('a key', () => {
  test('makes one job of many that are asked for, also at the same time', async () => {
    const { seen, kind } = noting();
    const t = await openJobs(await jobsDatabase(), { note: kind });
    await Promise.all(Array.from({ length: 8 }, () => t.enqueue({ kind: 'note', key: 'k' })));
    expect(await t.rows()).toHaveLength(1);
    await t.jobs.runDue();
    expect(seen).toHaveLength(1);
    await t.enqueue({ kind: 'note', key: 'k' });
    await t.jobs.runDue();
    expect(seen).toHaveLength(2);
  });

  test('of a job that runs has it run once more afterwards: it may not have seen what was new', async () => {
    const first = gate();
    let runs = 0;
    const handle = () => {
      runs += 1;
      return runs === 1 ? first.opened : Promise.resolve();
    };
    const t = await openJobs(await jobsDatabase(), { note: { handle } });
    await t.enqueue({ kind: 'note', key: 'k' });
    const running = t.jobs.runDue();
    await waitFor('it to be begun', () => runs === 1);
    await t.enqueue({ kind: 'note', key: 'k' });
    await t.enqueue({ kind: 'note', key: 'k' });
    first.open();
    await running;
    expect(runs).toBe(2);
    expect(await t.rows()).toEqual([]);
  });

  test('brings one that waits forward, but not one that waits because it failed; one that has failed begins anew', async () => {
    const clock = stoppedClock();
    const t = await openJobs(await jobsDatabase(), { mail: failing({ maxAttempts: 2 }) }, clock);
    await t.enqueue({ kind: 'mail', key: 'k', runAt: new Date(clock.now().getTime() + minuteMs) });
    await t.enqueue({ kind: 'mail', key: 'k' });
    await t.jobs.runDue();
    expect(await t.rows()).toMatchObject([{ attempts: 1 }]);
    await t.enqueue({ kind: 'mail', key: 'k' });
    await t.jobs.runDue();
    expect(await t.rows()).toMatchObject([{ attempts: 1 }]);
    clock.forward(60 * minuteMs);
    await t.jobs.runDue();
    expect(await t.rows()).toMatchObject([{ attempts: 2, runAt: null }]);
    await t.enqueue({ kind: 'mail', key: 'k' });
    expect(await t.rows()).toMatchObject([{ attempts: 0, runAt: clock.now(), failedAt: null }]);
  });
});
