/** Emitted folders for eBPF: built by the tools of this machine, and asked in its kernel where that may be. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import type { TrainedRun } from '../../src/learning/migrations/runs/neuralCfsRun.js';
import type { CarriedModel } from '../../src/libml/emit/carriedModel.js';
import { COLUMN_EXPRESSIONS } from '../../src/libml/emit/columnExpressions.js';
import { emitRun } from '../../src/libml/emit/emitRun.js';
import { packFixed, type FixedModel } from '../../src/libml/fixedModel.js';
import { fixedAnswers } from '../../src/libml/fixedInterpreter.js';
import { treeAnswers } from '../../src/libml/treeModel.js';
import { exactRows, type WholeRows } from '../../src/libml/wholeRows.js';
import { run, type Outcome } from '../integration/cliProcess.js';
import { answerBytes } from './libmlProgram.js';
import { randomNetwork } from './randomLibmlModels.js';
import type { RandomNumbers } from './randomNumbers.js';

export const LIBRARY = fileURLToPath(new URL('../../media/libml', import.meta.url));

/** What is missing here to build a program of eBPF, and the packages that bring it; undefined: nothing. */
export async function missingToBuild(): Promise<string | undefined> {
  const targets = await run('clang', ['--print-targets']).catch(() => ({ stdout: '' }));
  if (!/\bbpf\b/.test(targets.stdout)) return 'there is no clang here that compiles for BPF: install clang';
  if (!existsSync('/usr/include/bpf/libbpf.h')) return 'there is no libbpf here: install libbpf-dev';
  for (const name of ['cc', 'make']) {
    const { status } = await run(name, ['--version']).catch(() => ({ status: 1 }));
    if (status !== 0) return `there is no ${name} here: install gcc and make`;
  }
  return undefined;
}

export async function requireToBuild(context: TestContext): Promise<void> {
  const missing = await missingToBuild();
  if (missing === undefined) return;
  console.warn(`SKIPPED: ${context.task.name}: ${missing}`);
  context.skip(missing);
}

/** Builds what was emitted; whether this kernel takes it, `control check` says then. */
export async function builtFolder(trained: TrainedRun, output: string, bits?: 8 | 16): Promise<string> {
  await emitRun(trained, {
    ...{ name: 'tried', output, replace: false, library: LIBRARY, target: 'ebpf', bits },
    kernelOracleVersion: '1.2.3',
  });
  const built = await run('make', ['-s', '-C', output, 'build']);
  if (built.status !== 0 || built.stderr !== '') throw new Error(built.stderr);
  return output;
}

/** Runs its loader there. */
export function loader(folder: string, ...words: string[]): Promise<Outcome> {
  return run('sh', ['-c', 'cd "$1" && shift && exec ./loader "$@"', 'sh', folder, ...words]);
}

/** What the program in the kernel says of rows by a model.swap: as answerBytes() has it. */
export async function kernelAnswers(folder: string, swap: string, rows: WholeRows): Promise<Buffer> {
  const [values, answers] = [join(folder, 'rows.values'), join(folder, 'rows.answers')];
  writeFileSync(values, new Uint8Array(exactRows(rows).values.buffer));
  const asked = await loader(folder, 'rows', swap, values, answers);
  if (asked.status !== 0) throw new Error(asked.stderr);
  return readFileSync(answers);
}

export function referenceBytes({ form, answers }: CarriedModel, rows: WholeRows): Uint8Array {
  return answerBytes({ kind: form === 'tree' ? 'tree' : 'fixed', words: new Uint32Array(0) }, answers(rows));
}

/** A model that was not trained, as it would be emitted. */
export function carriedOf(model: FixedModel | { readonly tree: Uint32Array }): CarriedModel {
  const isTree = 'tree' in model;
  const words = isTree ? model.tree : packFixed(model);
  return {
    ...{ form: isTree ? 'tree' : 'fixed', bits: isTree ? null : model.bits, logitScale: 1 },
    arrays: [{ name: 'model', words }],
    ...{ bytes: 4 * words.length, stateBytes: 256 },
    answers: (rows) => (isTree ? treeAnswers(words, rows) : fixedAnswers(model, rows)),
  };
}

/** A run whose model was not trained: a network by chance of all columns that can be read in a kernel, and rows by chance. */
export function untrainedRun(run: TrainedRun, units: readonly number[], random: RandomNumbers): TrainedRun {
  const names = Object.keys(COLUMN_EXPRESSIONS);
  const network = randomNetwork(random, names.length, units);
  const features = names.map((name) => ({ name, mean: 100, deviation: 50, least: 0, most: 200 }));
  const rowsOf = (rows: number) => ({
    ...{ rows, labels: new Uint8Array(rows) },
    values: Float64Array.from({ length: rows * names.length }, () => random(200)),
  });
  const samples = { ...rowsOf(100), scores: new Float32Array(100), decisions: new Uint8Array(100) };
  const model = { ...network, features };
  return { ...run, model, calibration: rowsOf(200), test: rowsOf(100), samples };
}
