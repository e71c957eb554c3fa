import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { statusOf } from '../src/rest/error-responses.ts';

const tracked = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n');
const files = tracked.filter(
  (file) => /^(src|docs|examples|bench|[A-Z]+\.md)/.test(file) && /\.(ts|tsx|md|html)$/.test(file),
);
const documents = files.filter((file) => /^(docs\/|[A-Z]+\.md$)/.test(file));

test('nothing that is printed or documented asks npx, or the shell, for a program named roster', () => {
  const commands = 'serve|migrate|api-key|signing-key|hash|copy|seed|export|import';
  const asked = new RegExp(`(?:npx|["\`$]) ?roster (?:${commands})\\b`);
  const found = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => asked.test(line) && !/^ *(\/\*)?\*/.test(line))
      .map((line) => `${file}: ${line}`),
  );
  expect(found).toEqual([]);
});

test('no text sends anybody to a section of a contract, which is not in the repository', () => {
  const sent = (file: string) =>
    /contract,? section|section [^.]{1,9} of the contract/i.test(readFileSync(file, 'utf8'));
  expect(files.filter(sent)).toEqual([]);
});

test('no document sends anybody to a file that is not in the repository', () => {
  const named = documents.flatMap((file) => {
    // In a frontend the files are the reader's own.
    const text = readFileSync(file, 'utf8').replace(/^## Types for your frontend$.*?^## /ms, '');
    const paths = text.matchAll(/`((?:src|test|bench|docs|examples|prisma|scripts)\/[\w./-]+)`/g);
    return [...paths].map(([, path = '']) => ({ file, path: path.replace(/\/$/, '') }));
  });
  expect(named.length).toBeGreaterThan(10);
  const isThere = (path: string) => tracked.some((file) => file === path || file.startsWith(`${path}/`));
  expect(named.filter(({ path }) => !isThere(path))).toEqual([]);
});

/** The places of a document that a link can name: each of its headings, as GitHub writes them. */
function headingsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/^```.*?^```/gms, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('every link of a document to another one leads somewhere', () => {
  const links = documents.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].map(
      ([, path = '', heading]) => ({
        file,
        target: path === '' ? file : join(dirname(file), path),
        heading,
      }),
    ),
  );
  expect(links.length).toBeGreaterThan(50);
  const leadsNowhere = ({ target, heading }: (typeof links)[number]) =>
    !existsSync(target) || (heading !== undefined && !headingsOf(target).includes(heading));
  expect(links.filter(leadsNowhere)).toEqual([]);
});

test('every document of GraphQL that is shown is one of the schema', () => {
  const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
  const shown = [...documents, ...files.filter((file) => /^examples\/.*\.md$/.test(file))].flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const blocks = [...text.matchAll(/^```graphql\n(.*?)^```/gms)].map(([, block = '']) => block);
    const sent = [...text.matchAll(/"query": ("(?:mutation|query|\{)(?:[^"\\]|\\.)*")/g)].map(([, query = '""']) =>
      JSON.parse(query),
    );
    return [...blocks, ...sent].map((document) => ({ file, document }));
  });
  expect(shown.length).toBeGreaterThan(10);
  const wrong = shown.flatMap(({ file, document }) =>
    validate(schema, parse(document)).map(({ message }) => `${file}: ${message}`),
  );
  expect(wrong).toEqual([]);
});

test('the README leads to every document, or to one that does', () => {
  const linked = ['README.md', 'docs/decisions/README.md'].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\(([^):#]+)/g)].map(([, path = '']) => join(dirname(file), path)),
  );
  expect(documents.filter((file) => file !== 'README.md' && !linked.includes(file))).toEqual([]);
});

test('docs/errors.md has every code with its status', () => {
  const rows = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)];
  const documented = Object.fromEntries(rows.map(([, code = '', status]) => [code.toLowerCase(), Number(status)]));
  expect(documented).toMatchObject(statusOf);
});
