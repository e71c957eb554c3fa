import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/database.ts';

const chunks = readdirSync('dist/chunks').filter((name) => name.endsWith('.js'));

test('the build loads no package from its many files, but those with native parts and those that are seldom needed', () => {
  const imported = chunks
    .map((name) => readFileSync(join('dist/chunks', name), 'utf8'))
    .flatMap((code) => [...code.matchAll(/^import .*?"([^."][^"]*)";$|\bimport\("([^."][^"]*)"\)/gm)])
    .map(([, atTop, later]) => atTop ?? later ?? '')
    .filter((name) => !isBuiltin(name));
  expect([...new Set(imported)].sort()).toEqual([
    '@faker-js/faker',
    '@prisma/client/runtime/query_compiler_small_bg.postgresql.mjs',
    '@prisma/client/runtime/query_compiler_small_bg.postgresql.wasm-base64.mjs',
    '@prisma/client/runtime/query_compiler_small_bg.sqlite.mjs',
    '@prisma/client/runtime/query_compiler_small_bg.sqlite.wasm-base64.mjs',
    'argon2',
    'bcrypt',
  ]);
});

test('the build lists what it is made of and made from', () => {
  const { files, sources } = JSON.parse(readFileSync('dist/contents.json', 'utf8'));
  expect(files.filter((file: string) => !existsSync(file))).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining(['dist/main.js', 'dist/graphiql/page.html', ...chunks.map((name) => `dist/chunks/${name}`)]),
  );
  expect(sources).toEqual(expect.arrayContaining(['src/main.ts', 'src/commands/serve.ts']));
});

test('no package within the build is loaded by import(), whose names may differ there', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const loaded = files
    .filter((file) => !file.startsWith('generated'))
    .flatMap((file) => [...readFileSync(join('src', file), 'utf8').matchAll(/\bimport\('([^.'][^']*)'\)/g)])
    .map(([, name = '']) => name)
    .filter((name) => !isBuiltin(name));
  expect(loaded).toEqual(['@faker-js/faker']);
});

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
