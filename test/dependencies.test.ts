import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const source = resolve('src');

/**
 * Who may import whom, from the top down: each folder, or file outside of one, imports from the rows below its own and from
 * nothing else. Folders of one row do not know each other.
 */
const layers = [
  ['main.ts'],
  ['commands'],
  ['create-app.ts'],
  ['job-kinds.ts'],
  ['app.ts'],
  ['http'],
  ['graphql', 'rest'],
  ['mail', 'webhooks', 'moving'],
  ['users', 'auth'],
  ['codes'],
  ['sessions'],
  ['outbox', 'events', 'idempotency'],
  ['passwords', 'signing-keys', 'limits', 'jobs', 'metrics'],
  ['db'],
  ['log', 'secrets'],
  ['config'],
  ['request'],
  ['principal'],
  ['input'],
  ['errors.ts'],
  ['threads'],
  ['generated'],
];

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('generated'),
);

interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** The files of Roster that a file imports, for their types too. */
function importsOf(file: string): string[] {
  const code = readFileSync(resolve(source, file), 'utf8');
  const matches = code.matchAll(/\bfrom '(\.[^']+)'|^import '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm);
  return [...matches].map(([, from, bare, dynamic]) =>
    relative(source, resolve(source, dirname(file), from ?? bare ?? dynamic ?? '')),
  );
}

const inWords = ({ from, to }: Arrow) => `${from} → ${to}`;

const arrows: Arrow[] = files.flatMap((from) => importsOf(from).map((to) => ({ from, to })));

/** What a row of the layers names: a folder of `src`, or a file outside of one. */
const partOf = (file: string) => file.split('/', 1)[0] as string;
const layerOf = (file: string) => layers.findIndex((row) => row.includes(partOf(file)));

/** A folder within a folder is one thing to whoever imports it; so is a file beside it. */
const folderOf = (file: string) => (file.split('/').length > 2 ? dirname(file) : file);

/** The arrows between things that reach each other in both directions. */
function findCircles(arrows: readonly Arrow[]): Arrow[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of arrows) targets.set(from, [...(targets.get(from) ?? []), to]);
  const reaches = (start: string, goal: string) => {
    const seen = new Set<string>();
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at === goal) return true;
      if (seen.has(at)) continue;
      seen.add(at);
      open.push(...(targets.get(at) ?? []));
    }
    return false;
  };
  return arrows.filter(({ from, to }) => reaches(to, from));
}

test('every file is found and read', () => {
  expect(files.length).toBeGreaterThan(150);
  expect(arrows.length).toBeGreaterThan(500);
});

test('every folder has its row', () => {
  expect([...new Set(files.map(partOf))].filter((part) => layerOf(part) < 0)).toEqual([]);
  const parts = new Set([...files, 'generated'].map(partOf));
  expect(layers.flat().filter((part) => !parts.has(part))).toEqual([]);
});

test('every import goes down', () => {
  const isDown = ({ from, to }: Arrow) => partOf(from) === partOf(to) || layerOf(from) < layerOf(to);
  expect(arrows.filter((arrow) => !isDown(arrow)).map(inWords)).toEqual([]);
});

test('no files import each other in a circle', () => {
  expect(findCircles(arrows).map(inWords)).toEqual([]);
});

test('no folders, and no folder and a file beside it, import each other in a circle', () => {
  const between = arrows
    .map(({ from, to }) => ({ from: folderOf(from), to: folderOf(to) }))
    .filter(({ from, to }) => from !== to);
  expect([...new Set(findCircles(between).map(inWords))]).toEqual([]);
});

test('a circle and its arrows are found', () => {
  const circle = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
    { from: 'c', to: 'a' },
  ];
  expect(findCircles([...circle, { from: 'c', to: 'd' }])).toEqual(circle);
});

test('only commands/terminal.ts reads the environment', () => {
  const readers = files.filter((file) => readFileSync(resolve(source, file), 'utf8').includes('process.env'));
  expect(readers).toEqual(['commands/terminal.ts']);
});

const list = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`);
const code = ['src', 'bench', 'scripts']
  .flatMap(list)
  .filter((file) => /(?<!\.d)\.(ts|js)$/.test(file) && !/node_modules|generated|\/dist\//.test(file));

test('what is not a test imports nothing of the tests', () => {
  expect(code.length).toBeGreaterThan(200);
  expect(code.filter((file) => /'(\.\.?\/)+test\//.test(readFileSync(file, 'utf8')))).toEqual([]);
});

test('no file stands alone: another one imports it, or names it to start it', () => {
  const others = ['package.json', 'codegen.ts', ...list('test').filter((file) => file.endsWith('.ts'))];
  const texts = [...code, ...others].map((file) => [file, readFileSync(file, 'utf8')] as const);
  const isNamed = (one: string) => texts.some(([file, text]) => file !== one && text.includes(basename(one)));
  const isPeer = (one: string) => one.startsWith('bench/peers/'); // the servers there are started by what they are called
  expect(code.filter((one) => !isPeer(one) && !isNamed(one))).toEqual([]);
});

const handlers = files.filter((file) => ['graphql', 'rest'].includes(partOf(file)));

test('handlers have nothing of the database but its types', () => {
  const importing = handlers.filter((file) =>
    /^import (?!type)[^;]*? from '[./]+\/db\//m.test(readFileSync(resolve(source, file), 'utf8')),
  );
  expect(importing).toEqual([]);
});

test('no handler writes to the database', () => {
  const writers = handlers.filter((file) =>
    /\.transaction\(|\.(create|update|upsert|delete)(Many)?\(\{/.test(readFileSync(resolve(source, file), 'utf8')),
  );
  expect(writers).toEqual([]);
});
