/** The process that builds data sets for the editor, as the extension starts it. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commonJs } from '../../../scripts/lib/cli-build.mjs';
import { root } from '../../../scripts/lib/paths.mjs';
import { isFailure } from '../../../src/base/errors.js';
import { DEFAULT_OPTIONS, type BuildProgress } from '../../../src/dataset/buildDataSet.js';
import { readDataSetMeta } from '../../../src/dataset/files/dataSetMeta.js';
import { buildInProcess } from '../../../src/host/dataset/buildProcess.js';
import { EventLoopDelay } from '../../../src/host/training/eventLoopDelay.js';
import type { BuildSummary } from '../../../src/workers/dataSetBuilderMessages.js';
import { CSV_HEADER, csvRows } from '../../support/dataSetInputs.js';
import { makeDirectory, SAMPLES } from '../cliProcess.js';

let directory: string;
let program: string;
let large: string;

beforeAll(async () => {
  directory = await makeDirectory();
  const outdir = join(directory, 'dist');
  const entryPoints = ['dataSetBuilder', 'sliceWorker'].map((name) => join(root, `src/workers/${name}.ts`));
  await build({ ...commonJs, logLevel: 'warning', entryPoints, outdir });
  program = join(outdir, 'dataSetBuilder.cjs');
  large = join(directory, 'large.csv');
  const runs = Array.from({ length: 4 }, (_each, run) => csvRows('shop', run, 60_000));
  writeFileSync(large, [CSV_HEADER, ...runs].join(''));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function start(
  name: string,
  paths: readonly string[],
  onProgress: (progress: BuildProgress) => void = () => undefined,
  signal: AbortSignal = new AbortController().signal,
): Promise<BuildSummary> {
  const output = join(directory, name);
  return buildInProcess({
    program,
    command: { kind: 'build', paths: [...paths], output, options: DEFAULT_OPTIONS, replace: false },
    signal,
    onProgress,
  });
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('it builds, tells how far it is, and what came of it', async () => {
  const steps: BuildProgress[] = [];
  const delay = new EventLoopDelay();
  delay.begin();
  const summary = await start('built', [large, join(SAMPLES, 'messaging.ftrace.xz')], (step) =>
    steps.push(step),
  );
  const { p99Ms = 0 } = delay.end() ?? {};
  console.log(`event loop of this process meanwhile: ${p99Ms.toFixed(1)} ms late at the 99th percentile`);
  const meta = await readDataSetMeta(join(directory, 'built'));
  expect(summary).toMatchObject({
    recordings: 5,
    tasks: meta.vocabulary.tasks.length,
    parts: { train: meta.parts.train.rows, unseen: meta.parts.unseen.rows },
    warnings: meta.warnings,
    leftOut: 0,
  });
  expect(summary.rows).toBe(Object.values(meta.parts).reduce((sum, { rows }) => sum + rows, 0));
  expect(steps[0]).toMatchObject({ step: 'reading', done: 0, total: 2 });
  expect(new Set(steps.map(({ name }) => name))).toContain(large);
});

test('cancelled while it reads, it leaves nothing behind', async () => {
  const cancellation = new AbortController();
  const work = start('cancelled', [large], () => cancellation.abort(), cancellation.signal);
  expect(isFailure(await failureOf(work), 'cancelled')).toBe(true);
  expect(readdirSync(directory).filter((name) => name.startsWith('cancelled'))).toEqual([]);
});

test('cancelled before it was ready, it does not begin', async () => {
  const cancellation = new AbortController();
  cancellation.abort();
  const work = start('early', [large], () => undefined, cancellation.signal);
  expect(isFailure(await failureOf(work), 'cancelled')).toBe(true);
  expect(existsSync(join(directory, 'early'))).toBe(false);
});

test('a failure is told as the command line tells it', async () => {
  const notes = join(directory, 'notes.txt');
  writeFileSync(notes, 'Buy milk.\n');
  const failure = await failureOf(start('failed', [notes]));
  expect(isFailure(failure)).toBe(true);
  expect((failure as Error).message).toContain('notes.txt');
  expect(existsSync(join(directory, 'failed'))).toBe(false);
});

test('when the process is killed, it is said what to do, and a later build works', async () => {
  const killed = join(directory, 'killed.cjs');
  // As the kernel does it when memory is short: in the middle, without a word.
  writeFileSync(
    killed,
    `process.send({ kind: 'ready' }); process.on('message', () => process.kill(process.pid, 'SIGKILL'));`,
  );
  const own = program;
  program = killed;
  const failure = await failureOf(start('killed', [large]));
  program = own;
  expect((failure as Error).message).toMatch(/ended \(SIGKILL\).*fewer recordings/);
  expect((await start('killed', [large])).recordings).toBe(4);
});

test('a program that is not there is told', async () => {
  const own = program;
  program = join(directory, 'gone.cjs');
  const failure = await failureOf(start('gone', [large]));
  program = own;
  expect((failure as Error).message).toMatch(/exit status 1/);
});
