/**
 * The native engine for tests and benchmarks: `node scripts/native-engine.mjs [--reset]` installs it into `.cache/native-engine`
 * from a wheel that pip fetches, with the project's own installer, once. The integration tests begin with it; where it cannot be
 * had they say why, and that is in the summary of what was skipped.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap } from './bootstrap.mjs';
import { cacheDir, root } from './lib/paths.mjs';
import { run, tail } from './lib/processes.mjs';
import { runMain, say, secondsSince, warn } from './lib/terminal.mjs';

const folder = join(cacheDir, 'native-engine');
/** Why it could not be had: the tests that want it tell. */
const reasonPath = join(cacheDir, 'native-engine.missing.txt');
const log = join(cacheDir, 'logs', 'native-engine.log');

/** Installs it unless it is there. Never fails: its absence is said loudly. */
export async function ensureNativeEngine() {
  rmSync(reasonPath, { force: true });
  if (existsSync(join(folder, 'native-engine.json'))) return;
  const begun = performance.now();
  say('Installing the native engine for the tests, from a wheel of TensorFlow…');
  const programs = join(cacheDir, 'native-engine-installer');
  await buildInstaller(programs);
  rmSync(log, { force: true });
  mkdirSync(join(cacheDir, 'logs'), { recursive: true });
  const args = [
    join(programs, 'cli.mjs'),
    'engine',
    'install',
    '--from',
    'wheel',
    '--folder',
    folder,
    '--quiet',
  ];
  const code = await run(process.execPath, args, { cwd: root, log });
  rmSync(programs, { recursive: true, force: true });
  if (code === 0) {
    say(`The native engine is installed after ${secondsSince(begun)}.`);
    return;
  }
  writeFileSync(reasonPath, `${reasonOf(log)}\n`);
  warn(`The native engine cannot be tested here:\n${tail(log, 12)}\n(the whole log: ${log})`);
}

/** @param {string} path @returns {string} one line */
function reasonOf(path) {
  const lines = readFileSync(path, 'utf8').split('\n');
  const line = lines.find((each) => each.startsWith('kernel-oracle: ')) ?? `see ${path}`;
  return line.replace('kernel-oracle: ', '');
}

/** The command line, and the process that checks an engine. @param {string} outdir */
async function buildInstaller(outdir) {
  const [{ build }, { commandLine, commonJs }] = await Promise.all([
    import('esbuild'),
    import('./lib/cli-build.mjs'),
  ]);
  const logLevel = 'warning';
  const entryPoints = [join(root, 'src/workers/engineCheck.ts')];
  await build({ ...commonJs, logLevel, outdir, entryPoints });
  await build({ ...commandLine, logLevel, outdir, outExtension: { '.js': '.mjs' } });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runMain(async () => {
    await bootstrap();
    if (process.argv.includes('--reset')) rmSync(folder, { recursive: true, force: true });
    await ensureNativeEngine();
    return existsSync(reasonPath) ? 1 : 0;
  });
}
