import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/database.ts';

test('a run that started PostgreSQL and failed ends as one that failed', () => {
  const script = "import './scripts/postgresql-server.ts'; process.exitCode = 3;";
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  expect(status, `${stderr}`).toBe(3);
});

describe('the summary of a run', () => {
  const passing = { numPassedTests: 3, numFailedTests: 0, testResults: [] };
  const failing = { numPassedTests: 2, numFailedTests: 1, testResults: [{ status: 'failed', assertionResults: [{}] }] };
  const notLoaded = { numPassedTests: 1, numFailedTests: 0, testResults: [{ status: 'failed', assertionResults: [] }] };

  test.each([
    ['adds both runs up', { 'npm test': passing, 'npm run test:faults': passing }, [], 0, '6 passed, 0 failed'],
    [
      'names what failed',
      { 'npm test': failing, 'npm run test:faults': passing },
      ['npm test'],
      1,
      '5 passed, 1 failed',
    ],
    ['counts a file that was not loaded', { 'npm test': notLoaded }, ['npm test'], 1, '1 passed, 1 failed'],
    ['counts a run without a result', { 'npm test': passing }, ['npm run test:faults'], 1, '3 passed, 1 failed'],
    ['counts a step that is no test', { 'npm test': passing }, ['types'], 1, '3 passed, 1 failed'],
    ['has a failure when nothing ran', {}, ['npm ci'], 1, '0 passed, 1 failed'],
  ])('%s', (_what, results, failedSteps, status, lastLine) => {
    const folder = temporaryFolder();
    for (const [step, result] of Object.entries(results)) {
      writeFileSync(join(folder, `${step}.json`), JSON.stringify(result));
    }
    const ended = spawnSync(process.execPath, ['scripts/count-tests.js', folder, ...failedSteps], { encoding: 'utf8' });
    expect(ended.stdout.trimEnd().split('\n').at(-1)).toBe(lastLine);
    expect(ended.status).toBe(status);
  });
});
