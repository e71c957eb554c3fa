import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { serveHere } from '../support/server.ts';

const ids = /user_[0-9A-Z]{26}/g;

/** The blocks of code between two texts of the README. */
function blocksBetween(start: string, end: string): { language: string; code: string }[] {
  const text = readFileSync('README.md', 'utf8').split(start)[1]?.split(end)[0] ?? '';
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({ language, code }));
}

test('the update from the shell in the README answers what the README says', async () => {
  const server = await serveHere();
  onTestFinished(server.dispose);
  const blocks = blocksBetween('## An update, from the shell', '## What an update does');
  const script = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code);
  expect(script).toHaveLength(3);
  const commands = script.join('\necho\n').replaceAll('http://127.0.0.1:4000', server.url);
  const { PATH, HOME } = process.env;
  const { stdout } = await promisify(execFile)('sh', ['-euc', commands], {
    env: { PATH, HOME, DATABASE_URL: server.databaseUrl },
  });
  const answers = stdout.replaceAll(ids, 'ID');
  for (const { code } of blocks.filter(({ language }) => language === 'json')) {
    expect(answers).toContain(code.trim().replaceAll(ids, 'ID'));
  }
  expect(answers.match(/"linkIdentity":/g)).toHaveLength(3);
});
