import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMigrations } from '../../src/db/migrations/files.ts';
import { connectTo, temporaryFolder } from '../support/database.ts';
import { rosterProcess } from '../support/processes.ts';

/** A checkout whose files are newer than its build: `git pull` without `npm ci`. */
function newFilesOldBuild(): string {
  const folder = temporaryFolder();
  for (const name of ['dist', 'prisma', 'scripts', 'package.json']) {
    cpSync(name, join(folder, name), { recursive: true, verbatimSymlinks: true });
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  for (const provider of ['sqlite', 'postgresql']) {
    const migration = join(folder, 'prisma', provider, 'migrations/99990101000000_of_the_next_version');
    mkdirSync(migration);
    writeFileSync(join(migration, 'migration.sql'), 'DROP TABLE users;');
  }
  return folder;
}

describe('an old build in newer files', () => {
  test('applies the migrations that it was built with, and no others', async () => {
    const folder = newFilesOldBuild();
    const file = join(folder, 'roster.db');
    const { code, stderr } = await rosterProcess(['migrate'], { DATABASE_URL: `file:${file}` }, folder);
    expect([code, stderr]).toEqual([0, '']);
    const applied = connectTo(file).prepare('SELECT migration_name FROM _prisma_migrations').pluck().all();
    expect(applied).toEqual(readMigrations('sqlite').map(({ name }) => name));
  });

  test('that has none of its own is refused with what to do', async () => {
    const folder = newFilesOldBuild();
    rmSync(join(folder, 'dist/prisma'), { recursive: true });
    const { code, stderr } = await rosterProcess(['migrate'], { DATABASE_URL: `file:${folder}/roster.db` }, folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^There is no folder .*dist\/prisma.*Run "npm run build" to its end\.\n$/);
  });
});
