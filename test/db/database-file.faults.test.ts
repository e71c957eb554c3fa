import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeKey, newTestDatabase, rosterProcess } from '../support/processes.ts';
import { type Answer, post, postUser, type ServerProcess, send, startServerProcess } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

async function start(url: string): Promise<ServerProcess & { key: string }> {
  const key = await makeKey(url);
  const server = await startServerProcess({ DATABASE_URL: url });
  onTestFinished(server.dispose);
  return { ...server, key };
}

type Running = Pick<ServerProcess, 'url' | 'key'>;

const update = (server: Running, id: string, name: string): Promise<Answer> =>
  post(
    server.url,
    server.key,
    'mutation ($id: ID!, $name: String) { updateUser(id: $id, input: { name: $name }) { name } }',
    {
      id,
      name,
    },
  );

const readiness = (server: Running) => async () => (await send(`${server.url}/ready`)).status;
const eventually = { timeout: 20_000, interval: 200 };

function expectRefused(answer: Answer) {
  expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['SERVICE_UNAVAILABLE']);
}

describe('a file of the database that is taken away while the server runs', () => {
  test.each([
    ['removed', '', (file: string) => rmSync(file)],
    ['renamed', '', (file: string) => renameSync(file, `${file}.old`)],
    [
      'replaced',
      '',
      (file: string) => {
        copyFileSync(file, `${file}.new`);
        renameSync(`${file}.new`, file);
      },
    ],
    ['removed', '-wal', (file: string) => rmSync(file)],
    ['removed', '-shm', (file: string) => rmSync(file)],
  ])(
    '%s (roster.db%s): no update is acknowledged, the log says why, and the server is not ready',
    async (_what, suffix, take) => {
      const { file, url } = newTestDatabase();
      const server = await start(url);
      const id = await postUser(server.url, server.key, { email: 'first@example.com' });
      expect((await update(server, id, 'before')).data).toEqual({ updateUser: { name: 'before' } });
      take(`${file}${suffix}`);
      expectRefused(await update(server, id, 'after'));
      expect(await readiness(server)()).toBe(503);
      await waitFor('the reason', () =>
        server.output().includes(`${file}${suffix} was removed or replaced while Roster had it open`),
      );
    },
  );

  test('comes back: all is well again, and nothing that was refused had been written', async () => {
    const { file, url } = newTestDatabase();
    const server = await start(url);
    const id = await postUser(server.url, server.key, { email: 'first@example.com' });
    renameSync(file, `${file}.old`);
    expectRefused(await update(server, id, 'lost'));
    renameSync(`${file}.old`, file);
    await expect.poll(readiness(server), eventually).toBe(200);
    const { data } = await post(server.url, server.key, 'query ($id: ID!) { user(id: $id) { name version } }', { id });
    expect(data).toEqual({ user: { name: null, version: 1 } });
    expect((await update(server, id, 'after')).data).toEqual({ updateUser: { name: 'after' } });
  });
});

const isRoot = process.getuid?.() === 0;

function mount(size: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

const mayMount =
  isRoot &&
  (() => {
    try {
      const folder = join(tmpdir(), `roster-mount-${process.pid}`);
      mkdirSync(folder);
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' });
      execFileSync('umount', [folder]);
      rmSync(folder, { recursive: true });
      return true;
    } catch {
      return false;
    }
  })();

describe.skipIf(!mayMount)('a disk', () => {
  test('that is full: SERVICE_UNAVAILABLE, the log says why, not ready; with room again all is well', async () => {
    const folder = mount('3m');
    const server = await start(`file:${folder}/roster.db`);
    const id = await postUser(server.url, server.key, { email: 'first@example.com' });
    const filler = join(folder, 'filler');
    fill(filler);
    await expect
      .poll(async () => (await update(server, id, `name ${Math.random()}`)).errors?.[0]?.extensions.code, eventually)
      .toBe('SERVICE_UNAVAILABLE');
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, (_, i) => update(server, id, `${i}`)),
      post(server.url, server.key, 'mutation { createUser(input: { email: "next@example.com" }) { id } }'),
    ]);
    for (const answer of answers) expectRefused(answer);
    await expect.poll(readiness(server), eventually).toBe(503);
    expect(server.output()).toContain('database or disk is full');
    expect(server.output()).not.toContain('unexpected error');
    rmSync(filler);
    await expect.poll(readiness(server), eventually).toBe(200);
    expect((await update(server, id, 'after')).data).toEqual({ updateUser: { name: 'after' } });
  });
});

/** A server that may write no file longer than so many bytes; the system's own error for more is no full disk. */
async function startLimited(url: string, bytes: number) {
  const key = await makeKey(url);
  const { PATH = '', HOME = '' } = process.env;
  const command = `trap '' XFSZ; ulimit -f ${bytes / 512}; exec "$0" dist/main.js serve`;
  const child = spawn('sh', ['-c', command, process.execPath], {
    env: { PATH, HOME, DATABASE_URL: url, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const address = await waitFor('the welcome', () => /(http:\S+)\/health/.exec(output)?.[1]);
  return { url: address, key, output: () => output };
}

test('a disk that fails: SERVICE_UNAVAILABLE, the log says why, and the server is not ready', async () => {
  const server = await startLimited(newTestDatabase({ isMigrated: true }).url, 1 << 20);
  const id = await postUser(server.url, server.key, { email: 'first@example.com' });
  const code = async () => (await update(server, id, `name ${Math.random()}`)).errors?.[0]?.extensions.code;
  await waitFor('the first failure', async () => (await code()) === 'SERVICE_UNAVAILABLE');
  for (const answer of await Promise.all(Array.from({ length: 10 }, (_, i) => update(server, id, `${i}`)))) {
    expectRefused(answer);
  }
  await expect.poll(readiness(server), eventually).toBe(503);
  expect(server.output()).toContain('disk I/O error');
  expect(server.output()).not.toContain('unexpected error');
});

describe.skipIf(!mayMount)('a command on a full disk', () => {
  test('says why it is refused, in one sentence', async () => {
    const folder = mount('3m');
    const settings = { DATABASE_URL: `file:${folder}/roster.db` };
    await rosterProcess(['migrate'], settings);
    fill(join(folder, 'filler'));
    const { code, stdout, stderr } = await rosterProcess(['api-key', 'create', 'test'], settings);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^\S+ cannot be used: [^\n]+\. See whether its disk is full, read-only or broken, and start again\.\n$/,
    );
  });
});

function fill(file: string): void {
  for (let size = 1 << 20; size >= 512; size = size >> 1) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch {} // no room for so much
  }
}
