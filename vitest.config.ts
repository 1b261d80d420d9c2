import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts', 'test/integration/**/*.test.ts'],
    testTimeout: 60_000,
    // Two cores: the tests of big inputs want one of them each.
    maxWorkers: 2,
    // On a machine that does other work, too: whoever needed a second try is named at the end of `npm test`.
    retry: process.env['KERNEL_ORACLE_COUNTS'] === undefined ? 0 : 1,
  },
});
