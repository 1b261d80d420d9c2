/**
 * Builds everything that ships into dist/: `node scripts/build.mjs [--watch] [--production]`.
 *
 * - dist/extension.cjs   the extension (the extension host loads CommonJS)
 * - dist/traceWorker.cjs the worker thread that owns a trace
 * - dist/sliceWorker.cjs threads that decode stretches of a large text for it
 * - dist/cli.js          the `kernel-oracle` command line
 * - dist/webview/*       one script and one style sheet a view, for the browser
 */
import { rm } from 'node:fs/promises';
import { context } from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  sourcemap: production ? false : 'linked',
  minify: production,
  // Task and test output shows function names; minified stacks would be useless in bug reports.
  keepNames: false,
  logLevel: 'info',
  legalComments: 'eof',
};

/** @type {import('esbuild').BuildOptions} */
const node = { ...shared, platform: 'node', target: 'node20' };

/** What ssh2 uses where it was compiled, and does without elsewhere. */
const nativeAddons = ['cpu-features', '*.node'];

/** @type {import('esbuild').BuildOptions[]} */
const targets = [
  {
    ...node,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    outdir: 'dist',
    entryPoints: {
      extension: 'src/extension.ts',
      traceWorker: 'src/workers/traceWorker.ts',
      sliceWorker: 'src/workers/sliceWorker.ts',
    },
    external: ['vscode', ...nativeAddons],
  },
  {
    ...node,
    format: 'esm',
    outdir: 'dist',
    entryPoints: { cli: 'src/cli/main.ts' },
    external: nativeAddons,
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
  },
  {
    ...shared,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    outdir: 'dist/webview',
    entryPoints: [
      { in: 'webview/trace/main.ts', out: 'trace' },
      { in: 'webview/trace/styles/trace.css', out: 'trace' },
      { in: 'webview/migrations/main.ts', out: 'migrations' },
      { in: 'webview/migrations/styles/migrations.css', out: 'migrations' },
    ],
    loader: { '.ttf': 'file' },
  },
];

if (!watch) await rm('dist', { recursive: true, force: true });
const contexts = await Promise.all(targets.map((target) => context(target)));
if (watch) {
  await Promise.all(contexts.map((each) => each.watch()));
} else {
  await Promise.all(contexts.map((each) => each.rebuild()));
  await Promise.all(contexts.map((each) => each.dispose()));
}
