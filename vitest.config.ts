import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Node takes graphql's `main`; Vite would take its `module`, a second copy whose classes differ from Yoga's.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
