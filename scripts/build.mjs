/**
 * Builds everything that ships into dist/: `node scripts/build.mjs [--watch] [--production]`.
 *
 * - dist/extension.cjs   the extension (the extension host loads CommonJS)
 * - dist/traceWorker.cjs the worker thread that owns a trace
 * - dist/sliceWorker.cjs threads that decode stretches of a large text for it
 * - dist/trainer.cjs     the process that trains a run
 * - dist/engineCheck.cjs the process that checks an engine
 * - dist/dataSetBuilder.cjs the process that builds a data set
 * - dist/evaluator.cjs   the process that evaluates and audits a run
 * - dist/forecaster.cjs  the process that makes a forecast
 * - dist/neuralCfsStudent.cjs the process that studies migration records
 * - dist/neuralCfsTrainer.cjs the process that trains models of migrations and carries them over
 * - dist/cli.js          the `kernel-oracle` command line
 * - dist/webview/*       one script and one style sheet a view, for the browser
 */
import { rm } from 'node:fs/promises';
import { context } from 'esbuild';
import { buildKernels } from './build-kernels.mjs';
import { buildDecoder } from './build-decoder.mjs';
import { buildLibml } from './build-libml.mjs';
import { commandLine, commonJs, nativeAddons } from './lib/cli-build.mjs';

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

/** @type {import('esbuild').BuildOptions[]} */
const targets = [
  {
    ...shared,
    ...commonJs,
    outdir: 'dist',
    entryPoints: {
      extension: 'src/extension.ts',
      traceWorker: 'src/workers/traceWorker.ts',
      sliceWorker: 'src/workers/sliceWorker.ts',
      trainer: 'src/workers/trainer.ts',
      engineCheck: 'src/workers/engineCheck.ts',
      dataSetBuilder: 'src/workers/dataSetBuilder.ts',
      evaluator: 'src/workers/evaluator.ts',
      forecaster: 'src/workers/forecaster.ts',
      neuralCfsStudent: 'src/workers/neuralCfsStudent.ts',
      neuralCfsTrainer: 'src/workers/neuralCfsTrainer.ts',
    },
    external: ['vscode', ...nativeAddons],
  },
  { ...shared, ...commandLine, outdir: 'dist' },
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
      { in: 'webview/machines/machine/main.ts', out: 'machine' },
      { in: 'webview/machines/styles/machine.css', out: 'machine' },
      { in: 'webview/machines/work/main.ts', out: 'work' },
      { in: 'webview/machines/styles/work.css', out: 'work' },
      { in: 'webview/comparison/main.ts', out: 'comparison' },
      { in: 'webview/comparison/styles/comparison.css', out: 'comparison' },
      { in: 'webview/latency/main.ts', out: 'latency' },
      { in: 'webview/latency/styles/latency.css', out: 'latency' },
      { in: 'webview/training/main.ts', out: 'training' },
      { in: 'webview/training/styles/training.css', out: 'training' },
      { in: 'webview/model/main.ts', out: 'model' },
      { in: 'webview/model/styles/model.css', out: 'model' },
      { in: 'webview/confusion/main.ts', out: 'confusion' },
      { in: 'webview/confusion/styles/confusion.css', out: 'confusion' },
      { in: 'webview/forecast/main.ts', out: 'forecast' },
      { in: 'webview/forecast/styles/forecast.css', out: 'forecast' },
      { in: 'webview/modelComparison/main.ts', out: 'modelComparison' },
      { in: 'webview/modelComparison/styles/modelComparison.css', out: 'modelComparison' },
      { in: 'webview/neuralCfs/main.ts', out: 'neuralCfs' },
      { in: 'webview/neuralCfs/styles/neuralCfs.css', out: 'neuralCfs' },
      { in: 'webview/neuralCfsRun/main.ts', out: 'neuralCfsRun' },
      { in: 'webview/neuralCfsRun/styles/neuralCfsRun.css', out: 'neuralCfsRun' },
    ],
    loader: { '.ttf': 'file' },
  },
];

await buildKernels();
await buildLibml();
await buildDecoder();
if (!watch) await rm('dist', { recursive: true, force: true });
const contexts = await Promise.all(targets.map((target) => context(target)));
if (watch) {
  await Promise.all(contexts.map((each) => each.watch()));
} else {
  await Promise.all(contexts.map((each) => each.rebuild()));
  await Promise.all(contexts.map((each) => each.dispose()));
}
