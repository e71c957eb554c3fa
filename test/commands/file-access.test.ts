import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { newTestDatabase, roster } from '../support/processes.ts';
import { postUser, serveHere } from '../support/server.ts';

/** Root may write everywhere, so for root it is tried as somebody else. */
const somebody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

async function rosterAsSomebody(args: string[], databaseUrl: string) {
  const child = spawn(process.execPath, ['dist/main.js', ...args], {
    ...somebody,
    env: { DATABASE_URL: databaseUrl, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}

const commands = [['serve'], ['migrate'], ['api-key', 'create', 'test'], ['api-key', 'list']];

test.each(commands)('a folder that cannot be written: `%s` says which one, in a sentence', async (...args) => {
  const { folder, url } = newTestDatabase();
  chmodSync(folder, 0o555);
  onTestFinished(() => chmodSync(folder, 0o755));
  if (args.includes('list')) {
    // a command that makes no file says that there is none
    expect((await rosterAsSomebody(args, url)).output).toMatch(/^There is no file [^\n]+\n$/);
    return;
  }
  const { code, output } = await rosterAsSomebody(args, url);
  expect({ code, output }).toMatchObject({ code: 1 });
  expect(output).toMatch(/^The folder [^\n]+ cannot be written: [^\n]+\n$/);
  expect(output).toContain(folder);
});

test.each(['', '-wal', '-shm'])(
  'a file roster.db%s that cannot be written: a sentence with its path',
  async (suffix) => {
    const { folder, file, url } = newTestDatabase();
    expect(await roster(['migrate'], { DATABASE_URL: url })).toMatchObject({ code: 0 });
    if (suffix) writeFileSync(`${file}${suffix}`, '');
    if (somebody.uid) for (const path of [folder, file]) chownSync(path, somebody.uid, somebody.gid);
    chmodSync(`${file}${suffix}`, 0o444);
    for (const args of commands) {
      const { code, output } = await rosterAsSomebody(args, url);
      expect({ code, output }).toMatchObject({ code: 1 });
      expect(output).toMatch(/^[^\n]+ cannot be written: [^\n]+\n$/);
      expect(output).toContain(`${file}${suffix} `);
    }
  },
);

test('a folder in the place of the file: a sentence', async () => {
  const { file, url } = newTestDatabase();
  mkdirSync(file);
  const { code, stderr } = await roster(['serve'], { DATABASE_URL: url });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^\S+ is not a file\. [^\n]+\n$/) });
});

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test.each([['migrate'], ['api-key', 'create', 'test'], ['seed', '--users', '1']])(
  'the file that `%s` makes is for nobody else',
  async (...args) => {
    const { file, url } = newTestDatabase();
    expect(await roster(args, { DATABASE_URL: url })).toMatchObject({ code: 0 });
    expect(modeOf(file)).toBe('600');
  },
);

test('the files of a running server are for nobody else', async () => {
  const server = await serveHere();
  onTestFinished(server.dispose);
  await postUser(server.url, server.key, { email: 'first@example.com' });
  expect(['', '-wal', '-shm'].map((suffix) => modeOf(`${server.file}${suffix}`))).toEqual(['600', '600', '600']);
  expect(server.output()).not.toContain('every user of this machine');
});

test('a file that everybody can read gets a warning with its path, and is served', async () => {
  const { file, url } = newTestDatabase();
  await roster(['migrate'], { DATABASE_URL: url });
  chmodSync(file, 0o644);
  const server = await serveHere({ DATABASE_URL: url });
  onTestFinished(server.dispose);
  expect(server.output()).toContain('every user of this machine can read the database: chmod 600 these files');
  expect(server.output()).toContain(file);
  expect(modeOf(dirname(file))).toBe('700');
});
