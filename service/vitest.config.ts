import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/postgres.ts'],
    // Two cores: the kill tests wait more than they work, the rest is short.
    maxWorkers: 2,
    maxConcurrency: 4,
    // Far beyond what anything takes on a busy machine; only a hang reaches them.
    testTimeout: 300_000,
    hookTimeout: 300_000
  }
});
