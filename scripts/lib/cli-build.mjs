/** How what runs in Node is bundled: for dist/, and elsewhere for tests of the command line. */
import { join } from 'node:path';
import { root } from './paths.mjs';

/** What ssh2 uses where it was compiled, and does without elsewhere. */
export const nativeAddons = ['cpu-features', '*.node'];

/** @type {import('esbuild').BuildOptions} */
export const forNode = { bundle: true, platform: 'node', target: 'node20' };

/** Threads and child processes, and the extension: CommonJS. @type {import('esbuild').BuildOptions} */
export const commonJs = { ...forNode, format: 'cjs', outExtension: { '.js': '.cjs' } };

/**
 * The command line. It is split, so that `info` does not load what only machines need; packages that are CommonJS find
 * their `require` and `__dirname` in each part.
 * @type {import('esbuild').BuildOptions}
 */
export const commandLine = {
  ...forNode,
  format: 'esm',
  splitting: true,
  entryPoints: { cli: join(root, 'src/cli/main.ts') },
  chunkNames: 'cli-[hash]',
  external: nativeAddons,
  banner: {
    js: [
      '#!/usr/bin/env node',
      "import { createRequire as __createRequire } from 'node:module';",
      'const require = __createRequire(import.meta.url), __dirname = import.meta.dirname;',
    ].join('\n'),
  },
};
