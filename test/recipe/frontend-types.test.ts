import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../support/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeUser } from '../support/users.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** The code of a file that docs/frontends.md shows after its name. */
function codeOf(file: string): string {
  const [, code] = readFileSync('docs/frontends.md', 'utf8').split(`\n\`${file}\``)[1]?.split('```ts\n') ?? [];
  return (code ?? '').split('```')[0] ?? '';
}

/** A fresh folder with the files of the recipe, for this server. */
function makeFrontend(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'src'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const strict = { strict: true, noEmit: true, skipLibCheck: true, types: ['node'], allowImportingTsExtensions: true };
  const compilerOptions = { ...strict, module: 'nodenext', target: 'es2023', verbatimModuleSyntax: true };
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  for (const file of ['codegen.ts', 'src/rename.ts']) {
    writeFileSync(join(folder, file), codeOf(file).replace('http://127.0.0.1:4000', server.url));
  }
  return folder;
}

test('docs/frontends.md makes types of a first document, and its call runs in plain Node', async () => {
  const folder = makeFrontend();
  const run = async (program: string, ...args: string[]) => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ROSTER_KEY: server.key };
    const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env });
    return stdout;
  };
  await run('node_modules/.bin/graphql-codegen');
  expect(await run('node_modules/.bin/tsc')).toBe('');

  const { id } = await makeUser(server.app);
  const runsTypeScript = 'typescript' in process.features && process.features.typescript;
  const node = [process.execPath, ...(runsTypeScript ? [] : ['--import', 'tsx'])] as const;
  expect(await run(...node, 'src/rename.ts', id)).toBe('Ada Lovelace, version 2\n');

  const wrong = readFileSync(join(folder, 'src/rename.ts'), 'utf8').replace("name: 'Ada Lovelace'", 'name: 7');
  writeFileSync(join(folder, 'src/rename.ts'), wrong);
  await expect(run('node_modules/.bin/tsc')).rejects.toThrow(/Command failed/);
});
