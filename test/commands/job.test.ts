import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { copyOptions } from '../support/copies.ts';
import { newTestDatabase, roster } from '../support/processes.ts';
import { serveHere } from '../support/server.ts';

async function storeJobs(url: string): Promise<void> {
  const db = await openDatabase({ ...copyOptions, url });
  const at = new Date('2026-01-15T12:00:00.000Z');
  const base = { kind: 'jobs.cleanup', payload: { secret: 'payload' }, runAt: at, createdAt: at };
  await db.transaction(async (tx) => {
    await tx.prisma.job.create({ data: { ...base, id: 'job_1' } });
    await tx.prisma.job.create({ data: { ...base, id: 'job_2', lockedBy: 'x', attempts: 1 } });
    const failed = { runAt: null, failedAt: at, attempts: 10, lastError: 'no answer' };
    await tx.prisma.job.create({ data: { ...base, id: 'job_3', ...failed } });
  });
  await db.close();
}

test('job list says what waits, runs or has failed, and why, without payloads; job retry lets a server do it', async () => {
  const { url } = newTestDatabase({ isMigrated: true });
  await storeJobs(url);
  const list = (...options: string[]) => roster(['job', 'list', ...options], { DATABASE_URL: url });
  const failed = 'job_3  jobs.cleanup  failed 2026-01-15T12:00:00.000Z  attempts 10  no answer\n';
  expect(await list()).toMatchObject({
    code: 0,
    stdout: [
      'job_1  jobs.cleanup  waits until 2026-01-15T12:00:00.000Z\n',
      'job_2  jobs.cleanup  runs, with a lease until 2026-01-15T12:00:00.000Z  attempts 1\n',
      failed,
    ].join(''),
  });
  expect(await list('--failed')).toMatchObject({ code: 0, stdout: failed });

  const retry = (id: string) => roster(['job', 'retry', id], { DATABASE_URL: url });
  expect(await retry('job_2')).toMatchObject({
    code: 1,
    stderr: "There is no job 'job_2' that waits or has failed.\n",
  });
  expect(await retry('job_3')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^job_3 is begun within seconds/),
  });
  const off = await serveHere({ DATABASE_URL: url, RUN_JOBS: 'off' });
  expect((await list()).stdout).toContain('job_3  jobs.cleanup  waits');
  await off.stop();
  expect((await list()).stdout).toContain('job_3  jobs.cleanup  waits');
  const server = await serveHere({ DATABASE_URL: url });
  await expect.poll(async () => (await list()).stdout, { timeout: 30_000 }).not.toMatch(/job_[123] /);
  await server.stop();
});
