import { expect, onTestFinished, test } from 'vitest';
import { appliedNames, emptyDatabase, holdMigrations, migratedDatabase, names } from '../support/migrating.ts';
import { rosterProcess, startRoster } from '../support/processes.ts';
import { waitFor } from '../support/wait.ts';

test('ten processes that migrate one empty database at once: all succeed, one of them applies, each migration once', async () => {
  const url = await emptyDatabase();
  const held = await holdMigrations(url);
  const runs = Array.from({ length: 10 }, () => rosterProcess(['migrate'], { DATABASE_URL: url }));
  await held.untilWaiting(10); // each has seen that the database is empty
  await held.finish('');
  const ended = await Promise.all(runs);
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(10).fill({ code: 0, stderr: '' }));
  const outputs = ended.map(({ stdout }) => stdout).sort();
  expect(outputs).toEqual([
    names.map((name) => `Applied ${name}.\n`).join(''),
    ...Array(9).fill('The database is up to date.\n'),
  ]);
  expect(await appliedNames(url)).toEqual(names.map((name) => `<migration_name>${name}`));
});

test('whoever looks while another process migrates waits for its end, and does not call it interrupted', async () => {
  const url = await migratedDatabase('UPDATE _prisma_migrations SET finished_at = NULL');
  const held = await holdMigrations(url);
  const [migrate, serve] = ['migrate', 'serve'].map((command) =>
    startRoster([command], { DATABASE_URL: url, PORT: '0' }),
  );
  onTestFinished(() => void serve?.child.kill('SIGKILL'));
  await held.untilWaiting(2);
  await held.finish('UPDATE _prisma_migrations SET finished_at = now()');
  expect(await migrate?.ended).toMatchObject({ code: 0, stdout: 'The database is up to date.\n' });
  await waitFor('the server to listen', () => serve?.output().includes('Roster is running') || null);
});
