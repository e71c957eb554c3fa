import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** A copy of what asks for the version, and of nothing else, in which this Node is as old as said. */
function copyThatNeeds(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const path of ['scripts/require-node.js', 'dist/main.js']) cpSync(path, join(folder, path));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, engines: { node: `>=${version}` } }));
  mkdirSync(join(folder, 'node_modules'));
  return folder;
}

async function run(cwd: string, script: string) {
  const failure = await promisify(execFile)(process.execPath, [script], { cwd }).then(
    () => null,
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  return failure && { code: failure.code, stdout: failure.stdout, stderr: failure.stderr };
}

const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];

test.each([
  ['the command', 'dist/main.js'],
  ['the installation', 'scripts/require-node.js'],
])('%s says in one sentence which Node it needs, before it loads anything', async (_what, script) => {
  for (const needed of [`${major}.${minor + 1}`, `${major + 1}.0`]) {
    const sentence = `Roster needs Node ${needed} or newer, and this is Node ${process.versions.node}. Install a newer one, then run "npm ci" again.\n`;
    expect(await run(copyThatNeeds(needed), script)).toEqual({ code: 1, stdout: '', stderr: sentence });
  }
});

test('a Node that is new enough passes', async () => {
  for (const needed of [`${major}.${minor}`, `${major - 1}.${minor + 1}`]) {
    expect(await run(copyThatNeeds(needed), 'scripts/require-node.js')).toBeNull();
  }
});

test('the installation asks before anything that an old Node cannot do', () => {
  expect(manifest.scripts.prepare).toMatch(/^node scripts\/require-node\.js && /);
});
