import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const tracked = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n');
const files = tracked.filter(
  (file) => /^(src|docs|examples|bench|README\.md)/.test(file) && /\.(ts|tsx|md|html)$/.test(file),
);

test('nothing that is printed or documented asks npx, or the shell, for a program named roster', () => {
  const commands = 'serve|migrate|api-key|signing-key|hash|copy|seed|export';
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

test('the README sends nobody to a file that is not in the repository', () => {
  // In a frontend the files are the reader's own.
  const text = readFileSync('README.md', 'utf8').replace(/^## Types for your frontend$.*?^## /ms, '');
  const named = text.matchAll(/`((?:src|test|bench|docs|examples|prisma|scripts)\/[\w./-]+)`/g);
  const paths = [...named].map(([, path = '']) => path.replace(/\/$/, ''));
  expect(paths.length).toBeGreaterThan(10);
  const isThere = (path: string) => tracked.some((file) => file === path || file.startsWith(`${path}/`));
  expect(paths.filter((path) => !isThere(path))).toEqual([]);
});
