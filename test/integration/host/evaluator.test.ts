/** The process that evaluates and audits runs for the editor, as the extension starts it. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commonJs, nativeAddons } from '../../../scripts/lib/cli-build.mjs';
import { root } from '../../../scripts/lib/paths.mjs';
import { isFailure } from '../../../src/base/errors.js';
import { buildDataSet, DEFAULT_OPTIONS } from '../../../src/dataset/buildDataSet.js';
import { evaluateInProcess } from '../../../src/host/inspection/evaluation/evaluateProcess.js';
import { readAudit } from '../../../src/learning/audit/auditFile.js';
import { readEvaluation } from '../../../src/learning/evaluation/evaluationFiles.js';
import { parseConfig } from '../../../src/learning/trainer/config/config.js';
import { openEngine } from '../../../src/learning/trainer/openEngine.js';
import { train } from '../../../src/learning/trainer/train.js';
import type { EvaluatorResult } from '../../../src/workers/evaluatorMessages.js';
import { makeDirectory, SAMPLES } from '../cliProcess.js';

const RECORDING = join(SAMPLES, 'messaging.ftrace.xz');
let directory: string;
let program: string;
let folder: string;

beforeAll(async () => {
  directory = await makeDirectory();
  const outdir = join(directory, 'dist');
  const entryPoints = [join(root, 'src/workers/evaluator.ts')];
  await build({ ...commonJs, logLevel: 'warning', entryPoints, outdir, external: nativeAddons });
  program = join(outdir, 'evaluator.cjs');
  await buildDataSet({
    paths: [RECORDING],
    output: join(directory, 'data'),
    options: { ...DEFAULT_OPTIONS, split: 'walk-forward' },
    replace: false,
    kernelOracleVersion: '0.0.0',
    now: () => new Date(),
  });
  folder = join(directory, 'run');
  const config = parseConfig(
    `dataset: data
model: { name: tcn, settings: { projection: 4, blocks: 1, taskEmbedding: 4, stateEmbedding: 2 } }
windows: { length: 16, stride: 16 }
epochs: 1
engine: { name: embedded, threads: 1 }
`,
    join(directory, 'kernel-oracle.yaml'),
  );
  const engine = await openEngine(config.engine);
  try {
    await train(config, folder, { engine, kernelOracleVersion: '0.0.0' });
  } finally {
    engine.dispose();
  }
}, 240_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function start(
  recordings: string[] | null,
  onProgress: (phase: string) => void = () => undefined,
  signal: AbortSignal = new AbortController().signal,
): Promise<EvaluatorResult> {
  const command = { kind: 'evaluate', folder, dataset: null, recordings } as const;
  return evaluateInProcess({ program, command, signal, onProgress });
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('one that is cancelled leaves no evaluation', async () => {
  const cancellation = new AbortController();
  const work = start(null, () => cancellation.abort(), cancellation.signal);
  expect(isFailure(await failureOf(work), 'cancelled')).toBe(true);
  expect(existsSync(join(folder, 'evaluation', 'evaluation.json'))).toBe(false);
}, 120_000);

test('it evaluates, audits then, and tells how far it is', async () => {
  const phases: string[] = [];
  const result = await start(null, (phase) => phases.push(phase));
  const evaluation = (await readEvaluation(folder))!;
  expect(result.evaluation).toEqual({
    parts: evaluation.parts.length,
    targets: evaluation.parts.reduce((sum, { targets }) => sum + targets, 0),
    warnings: evaluation.warnings,
  });
  const { checks } = (await readAudit(folder))!;
  expect(result.auditProblem).toBeNull();
  const { failed, passed, skipped } = result.audit!;
  expect(failed + passed + skipped).toBe(checks.length);
  expect(new Set(phases).size).toBeGreaterThan(2);
  expect(phases.at(-1)).toBe('auditing');
}, 240_000);

test('recordings that were named are a part of their own', async () => {
  await start([RECORDING]);
  const parts = (await readEvaluation(folder))!.parts.map(({ part }) => part);
  expect(parts).toContain('given');
}, 240_000);

test('an audit alone leaves the figures as they are', async () => {
  const path = join(folder, 'evaluation', 'evaluation.json');
  const before = readFileSync(path, 'utf8');
  const command = { kind: 'audit', folder, dataset: null } as const;
  const signal = new AbortController().signal;
  const result = await evaluateInProcess({ program, command, signal, onProgress: () => undefined });
  expect(result.evaluation).toBeNull();
  expect(result.audit).not.toBeNull();
  expect(readFileSync(path, 'utf8')).toBe(before);
}, 120_000);

test('what it cannot evaluate it names', async () => {
  const command = {
    kind: 'evaluate',
    folder: join(directory, 'none'),
    dataset: null,
    recordings: null,
  } as const;
  const signal = new AbortController().signal;
  const work = evaluateInProcess({ program, command, signal, onProgress: () => undefined });
  expect(String(await failureOf(work))).toContain(join(directory, 'none'));
});

test('a process that cannot begin is told of', async () => {
  const command = { kind: 'audit', folder, dataset: null } as const;
  const signal = new AbortController().signal;
  const missing = join(directory, 'no-such-program.cjs');
  const work = evaluateInProcess({ program: missing, command, signal, onProgress: () => undefined });
  const failure = await failureOf(work);
  expect(isFailure(failure, 'too-large')).toBe(true);
  expect(String(failure)).toContain('The process that evaluates the run ended by itself');
});
