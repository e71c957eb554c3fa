import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contents, emptyTarget } from '../support/copies.ts';
import { temporaryFolder } from '../support/database.ts';
import { fillStore, storeAt } from '../support/moving.ts';
import { newTestDatabase, roster } from '../support/processes.ts';

test('an export of SQLite that PostgreSQL imports is what a copy makes of it', async () => {
  const { url } = newTestDatabase({ isMigrated: true });
  const from = storeAt(url);
  await fillStore(from);
  const [copied, imported] = [await emptyTarget(), await emptyTarget()];
  expect(await roster(['copy', '--from', url, '--to', copied])).toMatchObject({ code: 0 });
  const file = join(temporaryFolder(), 'users.jsonl');
  writeFileSync(file, (await from.run('export')).stdout);
  expect(await storeAt(imported).run('import', file)).toMatchObject({ code: 0, stderr: '' });
  const [expected, found] = [await contents(copied), await contents(imported)];
  for (const table of ['users', 'identities', 'passwords'] as const) {
    expect(expected[table]).not.toEqual([]);
    expect(found[table]).toEqual(expected[table]);
  }
});
