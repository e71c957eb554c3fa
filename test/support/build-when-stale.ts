import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** What the tests need that is made from something else: the program that they start, and the types of their documents. */
const products = [
  {
    product: 'dist/main.js',
    sources: ['src', 'prisma', 'tsconfig.json', 'tsconfig.build.json'],
    command: 'npm run --silent build',
  },
  {
    product: 'test/generated/graphql.ts',
    sources: ['schema.graphql', 'test/support/documents.ts', 'codegen.ts'],
    command: 'npx graphql-codegen',
  },
];

/**
 * Makes what is older than its sources, so that one file of tests can be run at once, and never against an old program. A
 * type error is shown and stops nothing: the program is written in spite of it.
 */
export function buildWhenStale(): void {
  for (const { product, sources, command } of products) {
    if (changedAt(product) >= Math.max(...sources.map(changedAt))) continue;
    spawnSync(command, { shell: true, stdio: 'inherit' });
    if (existsSync(product)) utimesSync(product, new Date(), new Date()); // a file that stays the same is not written
  }
}

/** When a file, or the newest one of a folder, was changed; 0 where there is none. */
function changedAt(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return Math.max(...files.map((file) => statSync(join(path, file)).mtimeMs));
}
