import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('a run that started PostgreSQL and failed ends as one that failed', () => {
  const script = "import './test/support/postgresql.ts'; process.exitCode = 3;";
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  expect(status, `${stderr}`).toBe(3);
});
