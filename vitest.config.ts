import { defineConfig } from 'vitest/config';

// Acceptance tests boot real clusters and time them: one file at a time, so that they do not time each other.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default'],
  },
});
