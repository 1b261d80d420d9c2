/**
 * `npm test`: installs what is missing and runs every check. `npm test -- unit lint` runs only those stages; what follows
 * a second `--` goes to Vitest: `npm test -- unit -- -t 'lost events'`, `npm test -- e2e -- loading`. Its last line is `N passed, N failed[, N skipped]`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { ensureCodeServer } from './lib/code-server.mjs';
import { ensureDebianPackages, needsProgram } from './lib/debian.mjs';
import { ensureKernelMachineImage, whyNoKernelMachine } from './lib/kernel-machine-image.mjs';
import { cacheDir, root } from './lib/paths.mjs';
import { npm, npmEnvironment, run } from './lib/processes.mjs';
import { ensureNativeEngine } from './native-engine.mjs';
import { bold, green, red, runMain, say, ScriptError, secondsSince, warn } from './lib/terminal.mjs';
import { vsixToInstall } from './lib/vsix.mjs';

/** @typedef {import('./lib/vitest-counts.mjs').Counts} Counts */

/** @type {Record<string, (vitestArgs: string[]) => Promise<Counts>>} in the order in which they run */
const stages = {
  types: () => npmCheck('check:types'),
  lint: () => npmCheck('check:lint'),
  style: () => npmCheck('check:style'),
  unit: (args) => vitest('unit', args),
  integration: async (args) => {
    await ensureTools();
    ensureTracefs();
    if (makesDiskMeanwhile)
      diskBegun = ensureKernelMachineImage().catch((/** @type {unknown} */ error) => error);
    await ensureNativeEngine();
    // Tests of test machines mostly wait: one more than there are cores keeps these busy.
    return vitest('integration', ['--maxWorkers=3', ...args]);
  },
  e2e: async (args) => {
    await ensureChromium();
    await ensureCodeServer();
    return vitest('e2e', ['--config', join('test', 'e2e', 'vitest.config.ts'), ...args], {
      KERNEL_ORACLE_VSIX: await vsixToInstall(),
    });
  },
  shadow: async (args) => {
    const why = whyNoKernelMachine();
    if (why !== undefined)
      return skippedOnce('test/kernel/deployShadow.test.ts', `the kernel machine: ${why}`);
    return kernelTests(['deployShadow', ...args], { KERNEL_MACHINE_CPUS: '4' });
  },
  kernel: (args) => kernelTests(args),
};

/**
 * The groups one after another, what is in a group side by side. Tests of test machines mostly wait, and bear that others are at
 * work: linters keep a core busy, and the disk of the kernel machine is made meanwhile.
 */
const groups = [['types', 'unit'], ['lint', 'style', 'integration'], ['shadow'], ['e2e'], ['kernel']];

/** Run only when they are named: all of a machine with a kernel of its own takes longer than all the others together. */
const onlyWhenNamed = ['kernel'];

/** Of the disk of the kernel machine, which `shadow` waits for; an error is told there. @type {Promise<unknown> | undefined} */
let diskBegun;
let makesDiskMeanwhile = false;

await runMain(async () => {
  const { names, vitestArgs } = readArguments(process.argv.slice(2));
  await bootstrap();
  /** @type {{ name: string, time: string, counts: Counts }[]} */
  const results = [];
  const begunAll = performance.now();
  makesDiskMeanwhile = names.includes('shadow') && whyNoKernelMachine() === undefined;
  for (const group of groupsOf(names)) {
    say(bold(`\n=== ${group.join(' and ')} ===`));
    const begun = performance.now();
    const ended = group.map(async (name) => {
      const counts = await runStage(name, vitestArgs);
      return { name, time: secondsSince(begun), counts };
    });
    results.push(...(await Promise.all(ended)));
  }
  return summarise(results, secondsSince(begunAll));
});

/** @param {string[]} args */
function readArguments(args) {
  const split = args.indexOf('--');
  const given = split < 0 ? args : args.slice(0, split);
  const unknown = given.filter((name) => !(name in stages));
  if (unknown.length > 0) {
    throw new ScriptError(
      `No stage is named ${unknown.join(', ')}. Stages: ${Object.keys(stages).join(', ')}.`,
    );
  }
  const usual = Object.keys(stages).filter((name) => !onlyWhenNamed.includes(name));
  const names = given.length === 0 ? usual : Object.keys(stages).filter((name) => given.includes(name));
  return { names, vitestArgs: split < 0 ? [] : args.slice(split + 1) };
}

/** @param {string[]} names @returns {string[][]} */
function groupsOf(names) {
  return groups
    .map((group) => group.filter((name) => names.includes(name)))
    .filter(({ length }) => length > 0);
}

/**
 * A stage whose set-up fails counts as one failure; the others still run.
 * @param {string} name @param {string[]} vitestArgs
 */
async function runStage(name, vitestArgs) {
  try {
    return await /** @type {(typeof stages)[string]} */ (stages[name])(vitestArgs);
  } catch (error) {
    say(
      red(
        error instanceof ScriptError ? error.message : String(error instanceof Error ? error.stack : error),
      ),
    );
    return failedOnce();
  }
}

/** @returns {Counts} */
function failedOnce() {
  return { passed: 0, failed: 1, failures: [], skipped: [], retried: [] };
}

/** @param {string} name @param {string} reason @returns {Counts} */
function skippedOnce(name, reason) {
  return { passed: 0, failed: 0, failures: [], skipped: [{ name, reason }], retried: [] };
}

/** @param {string[]} args @param {Record<string, string>} [environment] */
async function kernelTests(args, environment) {
  const failure = await diskBegun;
  if (failure instanceof Error) throw failure;
  await ensureKernelMachineImage();
  return vitest('kernel', ['--config', join('test', 'kernel', 'vitest.config.ts'), ...args], environment);
}

/** @param {string} script @returns {Promise<Counts>} */
async function npmCheck(script) {
  const [command, ...first] = npm();
  const code = await run(command, [...first, 'run', '--silent', script], {
    cwd: root,
    env: npmEnvironment(),
  });
  return code === 0 ? { passed: 1, failed: 0, failures: [], skipped: [], retried: [] } : failedOnce();
}

/**
 * @param {string} name of the folder under test/
 * @param {string[]} args
 * @param {Record<string, string>} [environment]
 * @returns {Promise<Counts>}
 */
async function vitest(name, args, environment = {}) {
  if (!hasTests(join(root, 'test', name))) {
    warn(`test/${name} holds no *.test.ts: this stage tests nothing.`);
    return { passed: 0, failed: 0, failures: [], skipped: [], retried: [] };
  }
  const countsPath = join(cacheDir, 'test', `${name}.json`);
  mkdirSync(join(cacheDir, 'test'), { recursive: true });
  rmSync(countsPath, { force: true });
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'lib', 'vitest-counts.mjs')}`];
  const code = await run(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...reporters,
      ...withinFolder(args, `test/${name}/`),
    ],
    { cwd: root, env: { ...process.env, ...environment, KERNEL_ORACLE_COUNTS: countsPath } },
  );
  if (!existsSync(countsPath)) {
    say(red(`Vitest ended with exit code ${code} before it could count.`));
    return failedOnce();
  }
  const counts = /** @type {Counts} */ (JSON.parse(readFileSync(countsPath, 'utf8')));
  // Whatever made Vitest fail without a failed test (a missed coverage threshold, a set-up that throws) is a failure too.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * A name among the arguments (`npm test -- e2e -- loading`) chooses files of the folder; without one, all of it.
 * @param {string[]} args @param {string} folder @returns {string[]}
 */
function withinFolder(args, folder) {
  const isName = (/** @type {string} */ arg, /** @type {number} */ at) =>
    !arg.startsWith('-') && !/^-[^=]*$/.test(args[at - 1] ?? '');
  return args.some(isName)
    ? args.map((arg, at) => (isName(arg, at) ? folder + arg : arg))
    : [...args, folder];
}

/** @param {string} folder @returns {boolean} */
function hasTests(folder) {
  if (!existsSync(folder)) return false;
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.name !== 'node_modules');
  return names.some((entry) =>
    entry.isDirectory() ? hasTests(join(folder, entry.name)) : entry.name.endsWith('.test.ts'),
  );
}

/** The programs that integration tests compare with; a test that lacks one skips itself and says so. */
async function ensureTools() {
  const optional = true;
  await ensureDebianPackages([
    needsProgram('perf', 'comparing with perf', { debianPackage: 'linux-perf', optional }),
    needsProgram('trace-cmd', 'comparing with trace-cmd', { optional }),
    needsProgram('babeltrace2', 'comparing with babeltrace2', { optional }),
    needsProgram('xz', 'making .xz recordings in tests', { debianPackage: 'xz-utils', optional }),
    needsProgram('zstd', 'making .zst recordings in tests', { optional }),
    needsProgram('gcc', 'compiling LibML', { optional }),
    needsProgram('clang', 'compiling LibML, for eBPF too', { optional }),
    {
      debianPackage: 'libbpf-dev',
      present: () => existsSync('/usr/include/bpf/libbpf.h'),
      why: 'compiling what loads a program of eBPF',
      optional,
    },
    ...testMachineNeeds(),
  ]);
}

/**
 * Before any test: perf and bpftrace mount it by themselves, in the middle of a test that looks whether it is there.
 */
function ensureTracefs() {
  const place = '/sys/kernel/tracing';
  if (process.getuid?.() !== 0 || !existsSync(place) || existsSync(join(place, 'events'))) return;
  const { status } = spawnSync('mount', ['-t', 'tracefs', 'nodev', place], { stdio: 'ignore' });
  if (status !== 0) warn(`tracefs cannot be mounted at ${place}: collecting by it is not tested here.`);
}

/**
 * @param {string} path servers are in no ordinary user's PATH
 * @param {string} why @param {string} debianPackage
 */
function needsServer(path, why, debianPackage) {
  return { debianPackage, present: () => existsSync(path), why, optional: true, startsService: true };
}

/** What a test machine has, for tests that make one of this one: a server for SSH, tools and workloads. */
function testMachineNeeds() {
  const optional = true;
  return [
    needsServer('/usr/sbin/sshd', 'testing connections over SSH', 'openssh-server'),
    needsProgram('ssh', 'testing connections over SSH', { debianPackage: 'openssh-client', optional }),
    needsProgram('bpftrace', 'testing collection with bpftrace', { optional }),
    needsProgram('hackbench', 'testing workloads', { debianPackage: 'rt-tests', optional }),
    needsProgram('sysbench', 'testing workloads', { optional }),
    needsProgram('stress-ng', 'testing workloads', { optional }),
    needsProgram('nginx', 'testing workloads', {
      debianPackage: 'nginx-light',
      optional,
      startsService: true,
    }),
    needsProgram('ab', 'testing workloads', { debianPackage: 'apache2-utils', optional }),
    ...['fish', 'tcsh', 'zsh', 'busybox'].map((shell) =>
      needsProgram(shell, `testing command lines in ${shell}`, { optional }),
    ),
  ];
}

/** @param {{ name: string, time: string, counts: Counts }[]} results @param {string} totalTime */
function summarise(results, totalTime) {
  const skipped = results.flatMap(({ counts }) => counts.skipped);
  if (skipped.length > 0) {
    const lines = skipped.map(
      ({ name, reason }) => `  ${name} — ${reason === '' ? 'no reason given' : reason}`,
    );
    warn([`${skipped.length} skipped:`, ...lines].join('\n'));
  }
  const retried = results.flatMap(({ counts }) => counts.retried);
  if (retried.length > 0)
    warn([`${retried.length} failed first and passed at a second try:`, ...retried].join('\n  '));
  const failures = results.flatMap(({ counts }) => counts.failures);
  if (failures.length > 0) warn([`${failures.length} failed:`, ...failures].join('\n  '));
  say('');
  for (const { name, time, counts } of results) {
    const verdict = counts.failed > 0 ? red('failed') : counts.passed > 0 ? green('passed') : 'empty ';
    say(`${name.padEnd(12)} ${verdict}  ${time.padStart(8)}   ${line(counts)}`);
  }
  const total = {
    passed: results.reduce((sum, { counts }) => sum + counts.passed, 0),
    failed: results.reduce((sum, { counts }) => sum + counts.failed, 0),
    failures,
    skipped,
    retried,
  };
  say(`${'all'.padEnd(20)} ${totalTime.padStart(8)}`);
  // Without colour and last: other programs read it.
  say(`\n${line(total)}`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/** @param {Counts} counts */
function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
}
