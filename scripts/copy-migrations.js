// Puts the models and migrations into the build: code and migrations travel together.
import { copyFileSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

rmSync('dist/prisma', { recursive: true, force: true });
for (const provider of ['sqlite', 'postgresql']) {
  const [source, target] = [join('prisma', provider), join('dist/prisma', provider)];
  mkdirSync(target, { recursive: true });
  for (const file of ['schema.prisma', 'models.prisma']) copyFileSync(join(source, file), join(target, file));
  cpSync(join(source, 'migrations'), join(target, 'migrations'), { recursive: true });
}
