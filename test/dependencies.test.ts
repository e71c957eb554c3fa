import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const source = resolve('src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('generated'))
  .map((file) => join(source, file));

/** The files of Roster that a file imports, types left out: they bind nothing at run time. */
function importsOf(file: string): string[] {
  const code = readFileSync(file, 'utf8');
  const matches = [...code.matchAll(/^(?:import|export) (?!type)[^;]*? from '(\.[^']+)'|^import '(\.[^']+)'/gm)];
  return matches.map(([, from, bare]) => relative(source, resolve(dirname(file), from ?? bare ?? '')));
}

const edges = files.flatMap((file) => importsOf(file).map((to) => ({ from: relative(source, file), to })));

/** Who must not import whom: main → commands → create-app → http → handlers → users → passwords, db. */
const forbidden: [from: RegExp, to: RegExp, why: string][] = [
  [
    /^(users|passwords|sessions|db|auth)\//,
    /^(graphql|rest|commands|http)\/|^(create-app|main)\.ts/,
    'the rules know no door',
  ],
  [/^graphql\//, /^rest\//, 'the doors do not know each other'],
  [/^rest\//, /^graphql\//, 'the doors do not know each other'],
  [/^passwords\//, /^(users|sessions|db|auth)\//, 'hashing knows nothing of users'],
  [/^(graphql|rest)\//, /^db\//, 'doors write through users/ only'],
  [/^(?!commands\/|main\.ts).*/, /^commands\//, 'commands are the outermost'],
];

test.each(forbidden)('%s does not import %s: %s', (from, to) => {
  expect(edges.filter((edge) => from.test(edge.from) && to.test(edge.to))).toEqual([]);
});

test('every file is found and read', () => {
  expect(files.length).toBeGreaterThan(40);
  expect(edges.length).toBeGreaterThan(80);
});

test('only config/config.ts reads the environment', () => {
  const readers = files.filter((file) => readFileSync(file, 'utf8').includes('process.env'));
  expect(readers.map((file) => relative(source, file))).toEqual(['config/config.ts']);
});

test('no door writes to the database', () => {
  const doors = files.filter((file) => /^(graphql|rest)\//.test(relative(source, file)));
  const writers = doors.filter((file) =>
    /\.transaction\(|\.(create|update|upsert|delete)(Many)?\(\{/.test(readFileSync(file, 'utf8')),
  );
  expect(writers).toEqual([]);
});
