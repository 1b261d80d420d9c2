/**
 * Looks for inputs that importers cannot bear: `npm run fuzz -- --help`. Bundled like the product, with counters in the
 * readers that show which inputs reach new code.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { coverageCounters } from './lib/coverage-counters.mjs';
import { cacheDir, root } from './lib/paths.mjs';

const outdir = join(cacheDir, 'fuzz');

await build({
  absWorkingDir: root,
  entryPoints: { fuzzMain: 'test/fuzz/fuzzMain.ts', fuzzWorker: 'test/fuzz/fuzzWorker.ts' },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'linked',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  plugins: [coverageCounters(/\/src\/(?:trace|base)\//)],
  logLevel: 'warning',
});

const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', join(outdir, 'fuzzMain.mjs'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
