import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/e2e/**/*.test.ts'],
    exclude: ['test/e2e/code-server/**'],
    globalSetup: ['test/e2e/harness/globalSetup.ts'],
    // One editor, one theme at a time, two cores: the files run one after another, in one process that keeps the browser.
    fileParallelism: false,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A window in a browser on a busy machine: whoever needed a second try is named at the end of `npm test`.
    retry: 1,
  },
});
