import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { buildWhenStale } from './test/support/build-when-stale.ts';

// Node takes graphql's `main`; Vite would take its `module`, a second copy whose classes differ from Yoga's.
const alias = [
  { find: /^graphql$/, replacement: 'graphql/index.js' },
  // The same compiler of queries, made once for each process.
  {
    find: /^@prisma\/client\/runtime\/query_compiler_small_bg\.(sqlite|postgresql)\.mjs$/,
    replacement: join(import.meta.dirname, 'test/support/query-compiler/$1.mjs'),
  },
];

/** What a client sees must not depend on the database: these tests run on both. */
const onBoth = [
  'users',
  'auth',
  'sessions',
  'events',
  'idempotency',
  'jobs',
  'outbox',
  'mail',
  'webhooks',
  'graphql',
  'rest',
  'input',
  'limits',
  'codes',
  'signing-keys',
  'moving',
  'faults',
].map((folder) => `test/${folder}`);
/** But these have none. */
const ofNoDatabase = [
  'users/email',
  'mail/browser',
  'moving/{detour,provider-names}',
  'webhooks/{pace,private-addresses,schedule,sender,signatures}',
  'graphql/schema/schema',
  'graphql/execution/document-cache',
  'rest/error-responses',
].map((file) => `test/${file}.test.ts`);
const postgresqlOnly = 'test/postgresql';

/** Kills, storms, millions, and long random sequences: `npm run test:faults` runs them, one file at a time. */
const faultTests = '**/*.faults.test.ts';

const databases = {
  sqlite: { folders: ['test'], exclude: [`${postgresqlOnly}/**`] },
  postgresql: { folders: [...onBoth, postgresqlOnly], exclude: ofNoDatabase },
};

function project(database: keyof typeof databases, { isForFaults }: { isForFaults: boolean }) {
  const { folders, exclude } = databases[database];
  return {
    resolve: { alias },
    test: {
      name: isForFaults ? `${database}-faults` : database,
      include: folders.map((folder) => `${folder}/${isForFaults ? faultTests : '**/*.test.ts'}`),
      exclude: isForFaults ? exclude : [...exclude, faultTests],
      globalSetup: `test/support/${database}-setup.ts`,
      env: { TEST_DATABASE: database },
      isolate: false, // what a file imports, the next one in the same process need not load again
      ...(isForFaults ? patience : { testTimeout: 60_000, hookTimeout: 60_000 }),
    },
  };
}

/** A file of faults has the machine to itself, so that what it measures is not another file's load. */
const patience = { fileParallelism: false, sequence: { groupOrder: 1 }, testTimeout: 300_000, hookTimeout: 120_000 };

buildWhenStale();

export default defineConfig({
  test: {
    experimental: { fsModuleCache: true }, // the second project, and the next run, take what Vite made for the first
    maxWorkers: availableParallelism() + 1, // many of these files wait for other processes half of the time
    projects: [false, true].flatMap((isForFaults) => [
      project('sqlite', { isForFaults }),
      project('postgresql', { isForFaults }),
    ]),
  },
});
