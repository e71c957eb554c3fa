import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/database.ts';

describe('npm run build', () => {
  /** What is built, and what builds it. */
  function copySources(): string {
    const folder = temporaryFolder();
    for (const name of ['src', 'prisma', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
      cpSync(name, join(folder, name), { recursive: true, verbatimSymlinks: true });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    return folder;
  }
  const build = (cwd: string) =>
    spawnSync(process.execPath, ['scripts/build.js'], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${resolve('node_modules/.bin')}:${process.env.PATH}` },
    });

  test('leaves nothing that an earlier build wrote of files that are gone', { timeout: 240_000 }, () => {
    const folder = copySources();
    const leftovers = ['dist/left.js', 'dist/chunks/left.js', 'dist/users/left.js', 'dist/prisma/left/migration.sql'];
    for (const file of leftovers) {
      mkdirSync(join(folder, file, '..'), { recursive: true });
      writeFileSync(join(folder, file), '');
    }
    const { status, stderr } = build(folder);
    expect([status, stderr]).toEqual([0, '']);
    expect(existsSync(join(folder, 'dist/main.js'))).toBe(true);
    expect(leftovers.filter((file) => existsSync(join(folder, file)))).toEqual([]);
  });

  test.each(['sqlite', 'postgresql'])('says in a sentence that the client of %s is not of these models', (provider) => {
    const folder = copySources();
    appendFileSync(join(folder, 'prisma', provider, 'schema.prisma'), '\nmodel Added {\n  id String @id\n}\n');
    const { status, stderr } = build(folder);
    expect([status, stderr]).toEqual([
      1,
      `The client in src/generated/${provider} is not of the models in prisma: run "npm run generate", then build again.\n`,
    ]);
    expect(existsSync(join(folder, 'dist'))).toBe(false);
  });
});
