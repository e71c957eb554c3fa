// After an installation: generates and builds. Without the tools for that (`npm ci --omit=dev`) a tree that is built stays as it is.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { listFiles } from './list-files.js';

const { resolve } = createRequire(import.meta.url);

function isInstalled(name) {
  try {
    resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}

const missingTools = ['prisma-cli', 'esbuild', 'typescript-compiler'].filter((name) => !isInstalled(name));

/** What keeps the tree from being one that is built, if anything: a file of the build, or one that the build did not know. */
function findFault() {
  if (!existsSync('dist/contents.json')) return 'there is no dist/contents.json';
  const { files, sources } = JSON.parse(readFileSync('dist/contents.json', 'utf8'));
  const missing = files.find((file) => !existsSync(file));
  if (missing) return `there is no ${missing}`;
  const unknown = listFiles('src').find((file) => !sources.includes(file));
  return unknown && `dist was built without ${unknown}`;
}

const fault = findFault();

if (missingTools.length === 0) {
  for (const script of ['generate', 'build']) {
    const { status } = spawnSync(`npm run ${script}`, { shell: true, stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  }
} else if (!fault) {
  await import('./link-bin.js');
} else {
  process.stderr.write(
    `Roster is not built here (${fault}), and ${new Intl.ListFormat('en').format(missingTools)}, which build it, are not installed. Build it with "npm ci" first, then leave the tools out with "npm ci --omit=dev".\n`,
  );
  process.exitCode = 1;
}
