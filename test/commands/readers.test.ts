import { describe, expect, test } from 'vitest';
import { newTestDatabase, roster, startRoster } from '../support/processes.ts';

describe('whoever reads a command and has enough', () => {
  test.each([
    '--help',
    'api-key create backend',
    'events list --help',
    'import status',
    'job list',
    'mail list',
    'signing-key rotate',
  ])('%s ends as if all had been read', async (line) => {
    const { url } = newTestDatabase({ isMigrated: true });
    const { child, ended } = startRoster(line.split(' '), { DATABASE_URL: url });
    for (const output of [child.stdout, child.stderr]) output?.destroy();
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });
});

test.each([
  ['mail list', 'No mail waits or is being sent.\n'],
  ['mail list --failed', 'No mail has failed or expired in the last 30 days.\n'],
  ['job list', 'There is no job.\n'],
  ['job list --failed', 'No job has failed.\n'],
  ['api-key list', 'There is no API key. Make one: node dist/main.js api-key create NAME\n'],
  ['signing-key list', 'There is no signing key yet. The first start of a server makes one.\n'],
])('%s of an empty list prints nothing, and says so beside it', async (line, stderr) => {
  const { url } = newTestDatabase({ isMigrated: true });
  expect(await roster(line.split(' '), { DATABASE_URL: url })).toMatchObject({ code: 0, stdout: '', stderr });
});
