import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/kernel/**/*.test.ts'],
    globalSetup: ['test/kernel/harness/globalSetup.ts'],
    // One machine for all, and some tests reboot it.
    fileParallelism: false,
    // It has no hardware's help: bpftrace alone compiles for ten seconds and more.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
