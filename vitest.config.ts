import { defineConfig } from 'vitest/config';

// Node takes graphql's `main`; Vite would take its `module`, a second copy whose classes differ from Yoga's.
const alias = [{ find: /^graphql$/, replacement: 'graphql/index.js' }];
const shared = { testTimeout: 60_000, hookTimeout: 60_000 };

/** What a client sees must not depend on the database: these tests run on both. */
const onBoth = ['users', 'auth', 'sessions', 'graphql', 'rest'].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          ...shared,
          name: 'sqlite',
          include: ['test/**/*.test.ts'],
          exclude: ['test/postgresql/**'],
          globalSetup: 'test/support/sqlite-setup.ts',
          env: { TEST_DATABASE: 'sqlite' },
        },
      },
      {
        resolve: { alias },
        test: {
          ...shared,
          name: 'postgresql',
          include: [...onBoth, 'test/postgresql/**/*.test.ts'],
          globalSetup: 'test/support/postgresql-setup.ts',
          env: { TEST_DATABASE: 'postgresql' },
        },
      },
    ],
  },
});
