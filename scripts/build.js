// Compiles the code, and puts the models and migrations of this very code beside it: they travel together, also when a type
// is wrong, which ends the build with 1 and leaves a program that runs.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

rmSync('dist/prisma', { recursive: true, force: true });
const { status } = spawnSync('tsc -p tsconfig.build.json', { shell: true, stdio: 'inherit' });
for (const provider of ['sqlite', 'postgresql']) {
  const [source, target] = [join('prisma', provider), join('dist/prisma', provider)];
  mkdirSync(target, { recursive: true });
  for (const file of ['schema.prisma', 'models.prisma']) copyFileSync(join(source, file), join(target, file));
  cpSync(join(source, 'migrations'), join(target, 'migrations'), { recursive: true });
}
await import('./link-bin.js');
process.exitCode = status ?? 1;
