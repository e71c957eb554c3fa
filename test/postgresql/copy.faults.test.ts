import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { type CopyProgress, copyStore } from '../../src/db/copy.ts';
import { contents, copyOptions, emptyTarget, numberedId, silent, smallFile } from '../support/copies.ts';
import { rosterProcess, startRoster } from '../support/processes.ts';
import { openReader } from '../support/stored.ts';
import { waitFor } from '../support/wait.ts';

/** Makes every transaction that would insert this user wait until it is released. */
async function holdInsertOf(id: string, url: string) {
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query(`BEGIN`);
  await holder.query(
    `INSERT INTO users (id, email, email_canonical, metadata, created_at, updated_at) VALUES ($1, 'x', 'x', '{}', now(), now())`,
    [id],
  );
  // Not for any lock: PostgreSQL's own work in this database waits for one now and then, too.
  const blocked = 'SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))';
  return {
    untilWaiting: () => waitFor('the copy to wait', async () => (await holder.query(blocked)).rowCount === 1),
    release: () => holder.query('ROLLBACK'),
  };
}

test('a copy that was killed in the middle goes on where it stopped', async () => {
  const users = 1300;
  const [from, to] = [await smallFile(users), await emptyTarget()];
  const held = await holdInsertOf(numberedId(900), to); // in the second of three batches
  const first = startRoster(['copy', '--from', from, '--to', to]);
  await held.untilWaiting();
  first.child.kill('SIGKILL');
  expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
  await held.release();
  const before = await (await openReader(to)).user.count();
  expect(before).toBe(500);

  let resumedAt = -1;
  const progress = {
    start: (_users: number, done: number) => {
      resumedAt = done;
    },
    update: () => {},
  };
  const checks = await copyStore({ ...copyOptions, url: from }, { ...copyOptions, url: to }, progress);
  expect(resumedAt).toBe(before);
  expect(checks.find(({ table }) => table === 'users')?.rows).toBe(users);
  expect(await contents(to)).toEqual(await contents(from));
});

test('a copy that is killed at random, also at its very end, is finished by the next run', async () => {
  const from = await smallFile(600);
  const args = async () => ['copy', '--from', from, '--to', await emptyTarget()];
  const start = performance.now();
  await rosterProcess(await args());
  const longest = Math.ceil((performance.now() - start) * 1.1);
  for (let round = 0; round < 12; round += 1) {
    const copy = await args();
    const { child, ended } = startRoster(copy);
    await sleep(randomInt(Math.floor(longest / 3), longest));
    child.kill('SIGKILL');
    await ended;
    expect(await rosterProcess(copy)).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('agree') });
  }
}, 900_000);

test('a copy goes on from every batch that it was interrupted in', async () => {
  const from = await smallFile(510);
  const expected = await contents(from);
  let interruptions = 0;
  for (let isInterrupted = true; isInterrupted; interruptions += 1) {
    const to = await emptyTarget();
    let left = interruptions;
    const interrupting = {
      start: () => {},
      update: () => {
        left -= 1;
        if (left < 0) throw new Error('interrupted');
      },
    };
    const run = (progress: CopyProgress) =>
      copyStore({ ...copyOptions, url: from }, { ...copyOptions, url: to }, progress);
    isInterrupted = await run(interrupting).then(
      () => false,
      () => true,
    );
    await run(silent);
    expect(await contents(to)).toEqual(expected);
  }
  expect(interruptions).toBeGreaterThan(7); // more than one for each table
}, 180_000);
