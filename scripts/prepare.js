// After an installation: generates and builds. Without the tools for that (`npm ci --omit=dev`) a tree that is built stays as it is.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { resolve } = createRequire(import.meta.url);

function isInstalled(name) {
  try {
    resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}

const missingTools = ['prisma-cli', 'typescript-compiler'].filter((name) => !isInstalled(name));

/** What a built tree has, and a file for each of the sources where those came along. */
function neededFiles() {
  const clients = ['sqlite', 'postgresql'].flatMap((provider) => [
    `dist/generated/${provider}/client.js`,
    `dist/prisma/${provider}/models.prisma`,
    `dist/prisma/${provider}/migrations/migration_lock.toml`,
  ]);
  const sources = existsSync('src') ? readdirSync('src', { recursive: true }) : [];
  const modules = sources.filter((file) => file.endsWith('.ts')).map((file) => join('dist', file.replace(/ts$/, 'js')));
  return ['dist/main.js', 'dist/generated/pothos.js', ...clients, ...modules];
}

const missingFiles = neededFiles().filter((file) => !existsSync(file));

if (missingTools.length === 0) {
  for (const script of ['generate', 'build']) {
    const { status } = spawnSync(`npm run ${script}`, { shell: true, stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  }
} else if (missingFiles.length === 0) {
  await import('./link-bin.js');
} else {
  process.stderr.write(
    `Roster is not built here (there is no ${missingFiles[0]}), and ${missingTools.join(' and ')}, which build it, are not installed. Build it with "npm ci" first, then leave the tools out with "npm ci --omit=dev".\n`,
  );
  process.exitCode = 1;
}
