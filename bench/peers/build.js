// Generates the peers' Prisma clients, builds Keystone as its own command does, checks and compiles the servers.
// `prisma generate` needs no schema engine, but fetches one unless it is told where it is; any existing file will do.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const prisma = require.resolve('prisma/build/index.js');
const keystone = new URL('node_modules/@keystone-6/core/bin/cli.js', import.meta.url).pathname;
const env = {
  ...process.env,
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
  KEYSTONE_TELEMETRY_DISABLED: '1',
};
const here = new URL('.', import.meta.url).pathname;
const run = (args, cwd = here) => execFileSync(process.execPath, args, { cwd, env, stdio: 'inherit' });

run([prisma, 'generate', '--schema', 'prisma/sqlite.prisma']);
run([prisma, 'generate', '--schema', 'prisma/postgresql.prisma']);
run([keystone, 'build', '--no-ui'], `${here}keystone`);
execFileSync('tsc', ['-p', here], { env, stdio: 'inherit' }); // npm puts Roster's own compiler on the path
