import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';

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
