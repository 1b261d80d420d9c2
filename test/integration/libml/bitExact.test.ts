/** One answer everywhere: the reference interpreters, WebAssembly, and what compilers of this machine make of the same sources. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixedAnswers } from '../../../src/libml/fixedInterpreter.js';
import { packFixed, unpackFixed, type FixedModel } from '../../../src/libml/fixedModel.js';
import { floatAnswers, packFloat } from '../../../src/libml/floatReference.js';
import { wasmFixedAnswers, wasmFloatAnswers, wasmTreeAnswers } from '../../../src/libml/libmlRunner.js';
import { packTree, treeAnswers } from '../../../src/libml/treeModel.js';
import type { Answers, ExactRows } from '../../../src/libml/wholeRows.js';
import {
  answerBytes,
  jobBytes,
  LIBML_FLAGS,
  LIBML_SOURCES,
  programArguments,
  type LibmlJob,
} from '../../support/libmlProgram.js';
import { randomFixedModel, randomNetwork, randomTree, wideValues } from '../../support/randomLibmlModels.js';
import { randomNumbers } from '../../support/randomNumbers.js';
import { run } from '../cliProcess.js';

const ROWS = 100_000;
const INPUTS = 10;
const random = randomNumbers(11);
const values = wideValues(random, ROWS * INPUTS);
const JOBS: readonly LibmlJob[] = [
  fixed(randomFixedModel(random, 7, [9, 1], 16)),
  fixed(randomFixedModel(random, 10, [9, 1], 8)),
  fixed(randomFixedModel(random, 5, [6, 5, 3, 1], 16)),
  fixed(randomFixedModel(random, 10, [1], 8)),
  { kind: 'tree', words: packTree(randomTree(random, 10, 6)) },
  { kind: 'float', ...packFloat(randomNetwork(random, 10, [8, 5, 1])) },
];

const SANITISERS = '-fsanitize=address,undefined';

let folder: string;
const compilers: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-libml-'));
  for (const name of ['gcc', 'clang', 'cc']) {
    const { status } = await run(name, ['--version']).catch(() => ({ status: 1 }));
    if (status === 0 && (name !== 'cc' || compilers.length === 0)) compilers.push(name);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('models by chance on 100,000 rows, limits among them', () => {
  const references = JOBS.map((job) => referenceOf(job, rowsFor(job)));

  test('say the same by WebAssembly, and say both', () => {
    for (const [at, job] of JOBS.entries()) {
      const found = wasmOf(job, rowsFor(job));
      expect(Buffer.compare(answerBytes(job, found), answerBytes(job, references[at]!)), `${at}`).toBe(0);
      expect(new Set(found.decisions), `job ${at}`).toEqual(new Set([0, 1]));
      expect(new Set(found.logits).size, `job ${at}`).toBeGreaterThan(job.kind === 'tree' ? 4 : 100);
    }
  });

  test('say the same by every compiler of this machine', async (context) => {
    if (compilers.length === 0) {
      context.skip('there is no C compiler here: install gcc or clang');
      return;
    }
    const [valuesPath, jobsPath] = [join(folder, 'values'), join(folder, 'jobs')];
    writeFileSync(valuesPath, new Uint8Array(values.buffer));
    writeFileSync(jobsPath, jobBytes(JOBS));
    const wanted = Buffer.concat(JOBS.map((job, at) => answerBytes(job, references[at]!)));
    for (const compiler of compilers) {
      for (const level of compiler === 'clang' ? ['-O2'] : ['-O0', '-O2', '-O3']) {
        const name = `${compiler}${level}`;
        const binary = await built(compiler, name, [level]);
        const out = join(folder, `out-${name}`);
        expect(await run(binary, ['answers', valuesPath, jobsPath, out]), name).toMatchObject({ status: 0 });
        expect(readFileSync(out).equals(wanted), name).toBe(true);
      }
    }
  });
});

test('no check lets words through that make the library read elsewhere or overflow', async (context) => {
  const compiler = await sanitisingCompiler();
  if (compiler === undefined) {
    context.skip('there is no C compiler with sanitisers here: install gcc, or clang with libclang-rt-dev');
    return;
  }
  const sanitisers = ['-O1', '-g', SANITISERS, '-fno-sanitize-recover=all'];
  const binary = await built(compiler, 'fuzz', sanitisers);
  const jobs = join(folder, 'fuzzed');
  writeFileSync(jobs, jobBytes(JOBS));
  const { status, stdout, stderr } = await run(binary, ['fuzz', jobs, '4000']);
  expect(status, stderr).toBe(0);
  const [let_, refused] = stdout.split(' ').map(Number) as [number, number];
  // Both happen, or nothing was tried.
  expect(let_).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(1000);
});

test('whole numbers take no float register and no function of a libc or a compiler', async (context) => {
  if (compilers.length === 0) {
    context.skip('there is no C compiler here: install gcc or clang');
    return;
  }
  const compiler = compilers[0]!;
  const freestanding = ['-ffreestanding', '-fno-stack-protector', '-O2', '-r', '-nostdlib'];
  // As a kernel is compiled: a float anywhere would not be.
  for (const [name, options] of [
    ['whole', ['-mgeneral-regs-only', join(LIBML_SOURCES, 'fixed.c'), join(LIBML_SOURCES, 'tree.c')]],
    ['floats', [join(LIBML_SOURCES, 'scaling.c'), join(LIBML_SOURCES, 'mlp.c')]],
  ] as const) {
    const object = join(folder, `${name}.o`);
    const { status, stderr } = await run(compiler, [
      ...[...LIBML_FLAGS, ...freestanding, '-I', LIBML_SOURCES],
      ...[...options, '-o', object],
    ]);
    expect(status, stderr).toBe(0);
    const { stdout } = await run('nm', ['-u', object]);
    expect(stdout.replaceAll(/_GLOBAL_OFFSET_TABLE_|\bU\b|\s/g, '')).toBe('');
  }
});

/** Debian's clang comes without what the sanitisers are linked with. */
async function sanitisingCompiler(): Promise<string | undefined> {
  const source = join(folder, 'empty.c');
  writeFileSync(source, 'int main(void) { return 0; }\n');
  for (const compiler of compilers.toReversed()) {
    const { status } = await run(compiler, [SANITISERS, source, '-o', join(folder, 'empty')]);
    if (status === 0) return compiler;
  }
  return undefined;
}

function fixed(model: FixedModel): LibmlJob {
  const words = packFixed(model);
  expect(packFixed(unpackFixed(words))).toEqual(words);
  return { kind: 'fixed', words };
}

function rowsFor(job: LibmlJob): ExactRows {
  const inputs = job.kind === 'float' ? job.network[4]! : job.words[4]!;
  const rows = Math.min(ROWS, Math.floor(values.length / inputs));
  return { rows, values: values.subarray(0, rows * inputs) };
}

function referenceOf(job: LibmlJob, rows: ExactRows): Answers {
  if (job.kind === 'float') return floatAnswers(job, rows);
  return job.kind === 'tree' ? treeAnswers(job.words, rows) : fixedAnswers(unpackFixed(job.words), rows);
}

function wasmOf(job: LibmlJob, rows: ExactRows): Answers {
  if (job.kind === 'float') return wasmFloatAnswers(job, rows);
  return job.kind === 'tree' ? wasmTreeAnswers(job.words, rows) : wasmFixedAnswers(job.words, rows);
}

async function built(compiler: string, name: string, options: readonly string[]): Promise<string> {
  const binary = join(folder, `program-${name}`);
  const { status, stderr } = await run(compiler, programArguments(folder, binary, options));
  expect(status, stderr).toBe(0);
  return binary;
}
