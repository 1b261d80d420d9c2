/**
 * Runs the benchmarks: `npm run bench [-- NAME …]`. Each one is a process of its own, bundled like the product, so that
 * what is measured is what ships. Figures go to stdout; nothing is asserted.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const folder = 'test/bench';
const wanted = process.argv.slice(2);
/** Gigabytes of disk, most of an hour: nobody wants these unasked. */
const onlyByName = ['size', 'timeToAccuracy'];
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.bench.ts'))
  .filter((name) => {
    const bench = basename(name, '.bench.ts');
    return wanted.length === 0 ? !onlyByName.includes(bench) : wanted.includes(bench);
  });

if (files.length === 0) {
  console.error(
    `There is no such benchmark. Known: ${readdirSync(folder)
      .filter((n) => n.endsWith('.bench.ts'))
      .map((n) => basename(n, '.bench.ts'))
      .join(', ')}`,
  );
  process.exit(2);
}

await build({
  entryPoints: files.map((name) => join(folder, name)),
  outdir: '.cache/bench',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // What ssh2 uses where it was compiled, and does without in the extension, too.
  external: ['playwright-core', 'cpu-features', '*.node'],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);\nconst __dirname = import.meta.dirname;",
  },
  logLevel: 'warning',
});

let status = 0;
for (const name of files) {
  const { status: exit } = spawnSync(
    process.execPath,
    [join('.cache/bench', `${basename(name, '.ts')}.mjs`)],
    {
      stdio: 'inherit',
    },
  );
  status ||= exit ?? 1;
}
process.exit(status);
