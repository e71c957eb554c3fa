// Checks the types, and puts the code with what it imports into a few files of `dist`: a server starts in less than half the
// time that some thousand files take. The models and migrations of this very code go beside it: they travel together, also
// when a type is wrong, which ends the build with 1 and leaves a program that runs.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { findStaleClient } from './generated-models.js';
import { listFiles } from './list-files.js';

const staleClient = findStaleClient();
if (staleClient) {
  process.stderr.write(`${staleClient}\n`);
  process.exit(1);
}

/** Native parts, what is only there for development, and texts of megabytes that are loaded as they are. */
const external = ['argon2', 'bcrypt', 'pg-native', '@faker-js/faker', '@prisma/client/runtime/query_compiler_*'];

const { metafile } = await build({
  entryPoints: ['src/main.ts', 'src/db/sqlite/driver.ts', 'src/graphql/graphiql/write-parts.ts'],
  outdir: 'dist',
  outbase: 'src',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  // Modules rather than CommonJS, in which a getter stands before each function that is called.
  mainFields: ['module', 'main'],
  // Asked for by file, and the errors of a second graphql would be those of nobody.
  alias: { 'graphql/language/parser': 'graphql/language/parser.mjs' },
  format: 'esm',
  target: 'node20',
  external,
  // CommonJS within the bundle asks for Node's own modules.
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
  },
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
});

await import('../dist/graphql/graphiql/write-parts.js');

rmSync('dist/prisma', { recursive: true, force: true });
for (const provider of ['sqlite', 'postgresql']) {
  const [source, target] = [join('prisma', provider), join('dist/prisma', provider)];
  mkdirSync(target, { recursive: true });
  for (const file of ['schema.prisma', 'models.prisma']) copyFileSync(join(source, file), join(target, file));
  cpSync(join(source, 'migrations'), join(target, 'migrations'), { recursive: true });
}

/** What an earlier build left goes last: a server that runs from here may load a file later than it starts. */
const written = Object.keys(metafile.outputs).map((file) => join(file));
for (const name of readdirSync('dist').filter((name) => !['prisma', 'graphiql'].includes(name))) {
  const [folder, files] = [join('dist', name), listFiles(join('dist', name))];
  for (const file of files) if (!written.includes(file)) rmSync(file);
  if (!written.some((file) => file.startsWith(folder))) rmSync(folder, { recursive: true, force: true });
}
writeFileSync('dist/contents.json', JSON.stringify({ files: listFiles('dist'), sources: listFiles('src') }));

await import('./link-bin.js');
const { status } = spawnSync('tsc -p tsconfig.build.json', { shell: true, stdio: 'inherit' });
process.exitCode = status ?? 1;
