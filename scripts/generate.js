// Generates both Prisma clients and Pothos' types from the models. `prisma generate` needs no schema engine,
// but its command line fetches one unless it is told where it is; any existing file will do.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const target = 'src/generated';
const prisma = createRequire(import.meta.url).resolve('prisma-cli/build/index.js');
const env = {
  ...process.env,
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
};

/** Beside a copy of the models, because `npm run dev` starts the server anew as soon as one file is missing. */
function generate(folder) {
  for (const provider of ['sqlite', 'postgresql']) {
    const schema = join(folder, 'prisma', provider);
    mkdirSync(schema, { recursive: true });
    for (const file of ['schema.prisma', 'models.prisma']) {
      copyFileSync(join('prisma', provider, file), join(schema, file));
    }
    execFileSync(process.execPath, [prisma, 'generate', '--schema', schema], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'], // it would name the copy
    });
  }
}

/** Writes what differs and removes what is no longer there; all else stays untouched. */
function replace(from, to) {
  mkdirSync(to, { recursive: true });
  const files = listFiles(from);
  for (const file of files) {
    const [source, destination] = [join(from, file), join(to, file)];
    if (existsSync(destination) && readFileSync(destination).equals(readFileSync(source))) continue;
    mkdirSync(dirname(destination), { recursive: true });
    writeFileSync(destination, readFileSync(source));
  }
  for (const file of listFiles(to)) if (!files.includes(file)) rmSync(join(to, file));
}

function listFiles(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

const folder = mkdtempSync('.generate-');
try {
  generate(folder);
  replace(join(folder, target), target);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
