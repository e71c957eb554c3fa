import { execFile } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/database.ts';
import { makeKey, production, rosterProcess, startRoster } from '../support/processes.ts';
import { post, postUser } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

/** A native part is compiled, on a machine that may have other things to do. */
const patienceMs = 1_200_000;

/** Installs what is needed to serve, from the registry of npm alone. */
function install(folder: string) {
  const { PATH = '', HOME = '' } = process.env;
  const args = ['ci', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'];
  return promisify(execFile)('npm', args, { cwd: folder, env: { PATH, HOME, npm_config_nodedir: nodeDir } });
}

/** Where the headers of this Node are, so that they need not be fetched. */
const nodeDir = join(process.execPath, '../..');

/** The tree that a build leaves, as it is copied to a server. */
function builtTree(): string {
  const folder = temporaryFolder();
  for (const name of ['dist', 'scripts', 'src', 'package.json', 'package-lock.json', '.npmrc'])
    cpSync(name, join(folder, name), { recursive: true });
  return folder;
}

test('a built tree serves with what "npm ci --omit=dev" installs, and no tool of the development', {
  timeout: patienceMs,
}, async () => {
  const folder = builtTree();
  await install(folder);
  for (const tool of [
    'typescript-compiler',
    'esbuild',
    'prisma-cli',
    'prisma',
    'typescript',
    '@prisma/engines',
    '@faker-js/faker',
    'vitest',
    'tsx',
    '@biomejs/biome',
  ])
    expect(existsSync(join(folder, 'node_modules', tool)), tool).toBe(false);
  const url = `file:${join(folder, 'roster.db')}`;
  const seeding = await rosterProcess(['seed'], { DATABASE_URL: url }, folder);
  expect(seeding).toMatchObject({ code: 1, stdout: '' });
  expect(seeding.stderr).toBe(
    'Seeding takes the package @faker-js/faker, which "npm ci --omit=dev" leaves out. Run "npm ci" to install it.\n',
  );
  expect(existsSync(join(folder, 'roster.db'))).toBe(false);

  const server = startRoster(['serve'], { DATABASE_URL: url, PORT: '0', ...production }, folder);
  onTestFinished(() => void server.child.kill('SIGKILL'));
  const address = await waitFor('it to listen', () => /"url":"(http:[^"]+)"/.exec(server.output())?.[1]);
  const key = await makeKey(url);
  const id = await postUser(address, key, { email: 'a@example.com' });
  const answer = await post(
    address,
    key,
    'mutation ($id: ID!) { updateUser(id: $id, input: { name: "Ada" }) { name version } }',
    { id },
  );
  expect(answer.data).toEqual({ updateUser: { name: 'Ada', version: 2 } });
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0 });

  rmSync(join(folder, 'dist/chunks'), { recursive: true });
  await expect(promisify(execFile)(process.execPath, ['scripts/prepare.js'], { cwd: folder })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^Roster is not built here \(there is no dist\/chunks\/.+\), and prisma-cli, esbuild, and typescript-compiler, .+\n$/,
    ),
  });
});
