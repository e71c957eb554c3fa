import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pendingMigrations } from '../../src/db/migrate.ts';
import { readMigrations } from '../../src/db/migrations/files.ts';
import { connectTo, temporaryFolder } from '../support/database.ts';
import { rosterProcess } from '../support/processes.ts';

test('migrates once when three processes do it at the same time', async () => {
  const file = join(temporaryFolder(), 'roster.db');
  const settings = { DATABASE_URL: `file:${file}`, DATABASE_BUSY_TIMEOUT_MS: '60000' };
  const runs = await Promise.all([1, 2, 3].map(() => rosterProcess(['migrate'], settings)));
  expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(3).fill({ code: 0, stderr: '' }));
  expect(runs.filter(({ stdout }) => stdout.startsWith('Applied'))).toHaveLength(1);
  expect(connectTo(file).prepare('SELECT migration_name FROM _prisma_migrations').pluck().all()).toEqual(
    readMigrations('sqlite').map(({ name }) => name),
  );
  expect(await pendingMigrations({ url: `file:${file}`, synchronous: 'normal', busyTimeoutMs: 20 })).toEqual([]);
});
