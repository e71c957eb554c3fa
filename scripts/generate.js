// Generates both Prisma clients and Pothos' types from the models. `prisma generate` needs no schema engine,
// but its command line fetches one unless it is told where it is; any existing file will do.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';

const prisma = createRequire(import.meta.url).resolve('prisma/build/index.js');
const env = {
  ...process.env,
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
};

rmSync('src/generated', { recursive: true, force: true });
for (const provider of ['sqlite', 'postgresql']) {
  execFileSync(process.execPath, [prisma, 'generate', '--schema', `prisma/${provider}`], { env, stdio: 'inherit' });
}
