import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { sqlitePath } from '../../src/config/database-url.ts';
import { pendingMigrations } from '../../src/db/migrate.ts';
import { migrateTo, migrationOptions, newUnmigratedDatabase } from '../support/migrations.ts';
import { rosterProcess, startRoster } from '../support/processes.ts';
import { startServerProcess } from '../support/server.ts';
import { testProvider } from '../support/test-database.ts';
import { waitFor } from '../support/wait.ts';

/** How long the command takes from its start to its end, here and now. */
async function durationOfMigrate(): Promise<number> {
  const { url, remove } = await newUnmigratedDatabase();
  const start = performance.now();
  await rosterProcess(['migrate'], { DATABASE_URL: url });
  const duration = performance.now() - start;
  await remove();
  return duration;
}

describe.each([
  ['new', 0],
  ['older', 1],
])('a migration of a database that is %s', (_what, migrationsBefore) => {
  test('is killed 25 times at random, and the next start brings the database up to date each time', async () => {
    let longest = await durationOfMigrate();
    let unfinished = 0;
    for (let round = 0; round < 25; round += 1) {
      const { url, remove } = await newUnmigratedDatabase();
      if (migrationsBefore > 0) await migrateTo(url, migrationsBefore);
      const startedAt = performance.now();
      const { child, ended } = startRoster(['migrate'], { DATABASE_URL: url });
      await Promise.race([ended, sleep(randomInt(Math.floor(longest / 3), Math.ceil(longest * 1.1)))]);
      child.kill('SIGKILL');
      if ((await ended).signal === 'SIGKILL') unfinished += 1;
      else longest = Math.min(longest, performance.now() - startedAt); // the machine was slower when it was measured
      expect(await rosterProcess(['migrate'], { DATABASE_URL: url })).toMatchObject({ code: 0, stderr: '' });
      expect(await pendingMigrations(migrationOptions(url))).toEqual([]);
      await remove();
    }
    expect(unfinished).toBeGreaterThan(0);
  }, 600_000);
});

test.runIf(testProvider === 'sqlite')(
  'the first start is stopped 40 times within 30 ms of the appearance of its file, and the next one serves',
  async () => {
    for (let round = 0; round < 40; round += 1) {
      const { url, remove } = await newUnmigratedDatabase();
      const { child, ended } = startRoster(['serve'], { DATABASE_URL: url, PORT: '0' });
      await waitFor('the file', () => existsSync(sqlitePath(url)));
      await sleep(randomInt(0, 30));
      child.kill('SIGINT');
      await ended;
      const server = await startServerProcess({ DATABASE_URL: url });
      expect((await fetch(`${server.url}/ready`)).status).toBe(200);
      await server.dispose();
      await remove();
    }
  },
  600_000,
);
