import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts', 'test/integration/**/*.test.ts'],
    testTimeout: 60_000,
    // Two cores: the tests of big inputs want one of them each.
    maxWorkers: 2,
  },
});
