import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import type { MigrationSet } from '../../../src/dataset/migrations/migrationSet.js';
import { readNeuralCfsRun, writeNeuralCfsRun } from '../../../src/learning/migrations/runs/runFolder.js';
import { emitRun } from '../../../src/libml/emit/emitRun.js';
import type { CarryOptions } from '../../../src/libml/emit/carriedModel.js';
import { drawnCalls, newRun } from '../../support/trainedRuns.js';
import { setOf } from '../../unit/dataset/migrations/setBuilder.js';
import { run } from '../cliProcess.js';

// What is emitted compiles without a warning and says to the bit what the reference interpreters say; and its self-test can fail.

const LIBRARY = fileURLToPath(new URL('../../../media/libml', import.meta.url));
const FLAGS = ['-std=c99', '-ffp-contract=off', '-Wall', '-Wextra', '-pedantic', '-Werror'];

let folder: string;
let set: MigrationSet;
const compilers: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-emit-'));
  // Names are whatever someone called a file.
  set = await setOf({ 'smp4_alpha*_': drawnCalls(700), 'smp4_a?b_what??': drawnCalls(400, 2) });
  for (const name of ['gcc', 'clang', 'cc']) {
    const { status } = await run(name, ['--version']).catch(() => ({ status: 1 }));
    if (status === 0 && (name !== 'cc' || compilers.length === 0)) compilers.push(name);
  }
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function requireCompiler(context: TestContext): void {
  if (compilers.length === 0) context.skip('there is no C compiler here: install gcc or clang');
}

const runs = new Map<string, string>();

/** The folder of a run, trained once. */
async function runOf(model: string): Promise<string> {
  const path = runs.get(model) ?? join(folder, `run-${model}`);
  if (!runs.has(model)) await writeNeuralCfsRun(await newRun(set, model), { path, replace: false });
  runs.set(model, path);
  return path;
}

async function emitted(model: string, options: CarryOptions, name: string): Promise<string> {
  const path = await runOf(model);
  const output = join(folder, name);
  await emitRun(await readNeuralCfsRun(path), {
    ...{ ...options, output, replace: false, library: LIBRARY, kernelOracleVersion: '1.2.3' },
    name: '*/ int x; /* what??/\n#error',
  });
  return output;
}

async function selfTest(path: string, compiler: string, level = '-O2') {
  const files = /^SOURCES = (.*)$/m.exec(readFileSync(join(path, 'Makefile'), 'utf8'))![1]!.split(' ');
  const binary = join(path, `selftest-${compiler}`);
  const sources = files.map((name) => join(path, name));
  const built = await run(compiler, [...FLAGS, level, '-I', join(path, 'libml'), ...sources, '-o', binary]);
  expect(built, built.stderr).toMatchObject({ status: 0, stderr: '' });
  return run(binary, []);
}

describe('what is emitted', () => {
  test.for<{ model: string; options: CarryOptions; name: string }>([
    { model: 'libml', options: { target: 'c' }, name: 'float' },
    { model: 'libml', options: { target: 'c-fixed' }, name: 'fixed' },
    { model: 'logistic', options: { target: 'c-fixed', bits: 8 }, name: 'linear' },
    { model: 'tree', options: { target: 'c-fixed' }, name: 'tree' },
  ])('$model as $name', { timeout: 60_000 }, async ({ model, options, name }, context) => {
    requireCompiler(context);
    const path = await emitted(model, options, name);
    for (const compiler of compilers) {
      const outcome = await selfTest(path, compiler);
      expect(outcome, outcome.stderr).toMatchObject({ status: 0, stdout: '100 rows: as expected\n' });
    }
    await wrongWeights(path);
  });
});

describe('the program of eBPF', () => {
  // What it does in a kernel is for a machine of its own to show.
  test.for(['libml', 'tree'])(
    'compiles without a warning: %s',
    { timeout: 60_000 },
    async (model, context) => {
      const targets = await run('clang', ['--print-targets']).catch(() => ({ stdout: '' }));
      if (!/\bbpf\b/.test(targets.stdout)) context.skip('there is no clang here that compiles for BPF');
      const path = await emitted(model, { target: 'ebpf' }, `shadow-${model}`);
      const flags = ['-target', 'bpf', '-mcpu=v3', '-O2', '-g', '-Wall', '-Wextra', '-Werror'];
      const files = [join(path, 'shadow.bpf.c'), '-o', join(path, 'shadow.bpf.o')];
      const built = await run('clang', [...flags, '-I', join(path, 'libml'), '-c', ...files]);
      expect(built, built.stderr).toMatchObject({ status: 0, stderr: '' });
    },
  );
});

/** With a weight that is another one the self-test fails and says where; with no model at all, too. */
async function wrongWeights(path: string): Promise<void> {
  const source = join(path, 'kernel_oracle_model.c');
  const text = readFileSync(source, 'utf8');
  const words = [...text.matchAll(/0x[0-9a-f]{8}u/g)];
  const changed = (word: RegExpMatchArray, to: string) =>
    `${text.slice(0, word.index)}${to}${text.slice(word.index! + word[0].length)}`;
  // Of what is last: the bias of the output, or the low word of a leaf's log-odds.
  const low = text.includes('libml_scaling.h') ? words.at(-1)! : words.at(-2)!;
  const other = (Number.parseInt(low[0].slice(2, -1), 16) ^ 0x00400000) >>> 0;
  writeFileSync(source, changed(low, `0x${other.toString(16).padStart(8, '0')}u`));
  expect(await selfTest(path, compilers[0]!, '-O0')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^row \d+: the (decision|logit) is \S+, expected \S+\n$/) as string,
  });
  writeFileSync(source, changed(words[0]!, '0x00000000u'));
  expect(await selfTest(path, compilers[0]!, '-O0')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^the numbers are no model: error 1/) as string,
  });
}
