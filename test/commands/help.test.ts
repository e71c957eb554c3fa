import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exportNames } from '../../src/moving/export/export.ts';
import { importNames } from '../../src/moving/formats/formats.ts';
import { roster, rosterProcess } from '../support/processes.ts';

test('--help names every command and says how to start', async () => {
  const { code, stdout, stderr } = await roster(['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const command of ['serve', 'migrate', 'api-key', 'signing-key', 'seed'])
    expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  expect(stdout).toContain('npm start');
});

test('--version prints that of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await rosterProcess(['--version'])).toMatchObject({ code: 0, stderr: '', stdout: `${version}\n` });
});

test.each([
  [['serve'], /until SIGTERM or SIGINT/],
  [['migrate'], /up to date/],
  [['api-key'], /create.*list.*revoke/s],
  [['api-key', 'create'], /<name>.*cannot be shown again/s],
  [['api-key', 'list'], /last use/],
  [['api-key', 'revoke'], /<id>.*two seconds/s],
  [['signing-key', 'rotate'], /signs from now on.*--discard.*nothing.*is accepted any more/s],
  [['signing-key', 'list'], /whether they sign/],
  [['import'], /goes on where it was.*--dry-run.*--on-conflict.*--errors <file>.*status/s],
  [['import', 'status'], /how far they are/],
  [['export'], /at one moment.*--format <format>.*--output <file>.*--without-passwords/s],
  [['seed'], /--users <count>.*default: 1000/s],
])('%j --help explains itself', async (command, expected) => {
  const { code, stdout, stderr } = await roster([...command, '--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(expected);
});

test.each([
  ['import', importNames],
  ['export', exportNames],
])('%s --help names the formats', async (command, names) => {
  const words = (await roster([command, '--help'])).stdout.split(/[\s,]+/);
  expect(names.filter((name) => !words.includes(name))).toEqual([]);
});

test.each([
  ['an unknown command', ['srve'], /unknown command 'srve'.*Did you mean serve\?/s],
  ['no command', [], /Usage: node dist\/main\.js/],
  ['an unknown option', ['serve', '--prot'], /unknown option '--prot'/],
  ['a missing name', ['api-key', 'create'], /missing required argument 'name'/],
  ['an empty name', ['api-key', 'create', ' '], /1 to 100 characters/],
  ['a name that is too long', ['api-key', 'create', 'x'.repeat(101)], /1 to 100 characters/],
  ['a count that is no number', ['seed', '--users', 'many'], /whole number from 1 up/],
  ['a count of nothing', ['seed', '--users', '0'], /whole number from 1 up/],
])('%s is refused, on the error output and with a status that is not 0', async (_what, args, expected) => {
  const { code, stdout, stderr } = await roster(args);
  expect(code).not.toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toMatch(expected);
  expect(stderr).not.toMatch(/^ +at /m);
});
