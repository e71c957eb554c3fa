import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { SqliteDatabase } from '../../src/db/sqlite/driver.ts';
import { post, postUser, send, startServerProcess } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

/** The command of docs/operating.md that needs no other program, for these two files. */
function backupCommand(from: string, to: string): string {
  const [, command = ''] = /`(node -e "[^`]+")`/.exec(readFileSync('docs/operating.md', 'utf8')) ?? [];
  expect(command).toMatch(/'roster\.db'.*'backup\.db'/);
  return command.replace('roster.db', from).replace('backup.db', to);
}

const rename = 'mutation ($id: ID!, $name: String!) { updateUser(id: $id, input: { name: $name }) { version } }';

test('a backup as docs/operating.md has it, while Roster writes, is whole, and Roster serves it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'roster-backup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = await startServerProcess();
  onTestFinished(server.dispose);
  const id = await postUser(server.url, server.key, { email: 'ada@example.com' });

  let isOver = false;
  let latest = 0;
  const write = async () => {
    for (let version = 2; !isOver; version += 1) {
      const { data } = await post(server.url, server.key, rename, { id, name: `name ${version}` });
      expect(data).toEqual({ updateUser: { version } });
      latest = version;
    }
  };
  const writing = write();
  const acknowledged = await waitFor('some updates', () => latest > 10 && latest);
  const backup = join(folder, 'backup.db');
  await promisify(execFile)('sh', ['-c', backupCommand(server.file, backup)]);
  isOver = true;
  await writing;

  const database = new SqliteDatabase(backup, { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  database.close();
  const restored = await startServerProcess({ DATABASE_URL: `file:${backup}` });
  onTestFinished(restored.dispose);
  const { data } = await post(restored.url, server.key, 'query ($id: ID!) { user(id: $id) { name version } }', { id });
  const user = data?.user as { version: number; name: string } | undefined;
  expect(user?.version).toBeGreaterThanOrEqual(acknowledged);
  expect(user?.name).toBe(`name ${user?.version}`);
  expect((await send(`${restored.url}/ready`)).status).toBe(200);
});
