import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelSource } from '../../../../src/host/inspection/model/modelSource.js';
import { weightsDigest, writeEvaluation } from '../../../../src/learning/evaluation/evaluationFiles.js';
import { openEngine } from '../../../../src/learning/trainer/openEngine.js';
import { readWeights } from '../../../../src/learning/trainer/checkpoints.js';
import { runPaths } from '../../../../src/learning/trainer/runFolder.js';
import { train } from '../../../../src/learning/trainer/train.js';
import { readModelState } from '../../../../src/protocol/modelPanelSchemas.js';
import { littleDataSet } from '../../../support/littleDataSet.js';
import { littleConfig } from '../../../support/trainingRuns.js';
import { taskEvaluation } from '../../../support/evaluationExamples.js';

let root: string;
let folder: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kernel-oracle-model-source-'));
  folder = join(root, 'little');
  const engine = await openEngine({ name: 'embedded', threads: 1 });
  try {
    await train(littleConfig(), folder, { engine, kernelOracleVersion: '0', dataSet: littleDataSet() });
  } finally {
    engine.dispose();
  }
}, 60_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

const source = () => new ModelSource(folder, (path) => path);

test('a run that was not evaluated shows its layers and its course', async () => {
  const state = await source().state();
  expect(readModelState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  expect(state).toMatchObject({
    title: 'little',
    task: 'next-task',
    hasWeights: true,
    evaluation: { kind: 'missing' },
    audit: { kind: 'missing' },
    isOutdated: null,
  });
  if (state.layers.kind !== 'found' || state.course.kind !== 'found') throw new Error('nothing was found');
  const shown = state.layers.value.reduce((sum, { parameters }) => sum + parameters, 0);
  const fact = state.facts.find(({ label }) => label === 'Parameters')!;
  expect(shown.toLocaleString('en')).toBe(fact.value);
  expect(state.course.value.history.epoch).toEqual([1, 2, 3]);
});

test('figures are of these weights, or of others', async () => {
  const { tensors } = await readWeights(runPaths(folder).best);
  const ofThese = { ...taskEvaluation(), weightsSha256: weightsDigest(tensors) };
  await writeEvaluation(folder, ofThese, 'own');
  const shown = source();
  expect(await shown.state()).toMatchObject({ isOutdated: false, evaluation: { kind: 'found' } });
  await writeEvaluation(folder, { ...ofThese, weightsSha256: '0'.repeat(64) }, 'own');
  expect((await shown.state()).isOutdated).toBe(true);
});

test('what is damaged is told in its place, and the rest is shown', async () => {
  mkdirSync(join(folder, 'evaluation'), { recursive: true });
  writeFileSync(join(folder, 'evaluation', 'evaluation.json'), '{"format": 1}');
  writeFileSync(join(folder, 'audit.json'), 'nothing');
  const { evaluation, audit, layers } = await source().state();
  expect(evaluation).toMatchObject({ kind: 'problem' });
  expect(evaluation.kind === 'problem' && evaluation.message).toContain('Evaluate the run again');
  expect(audit.kind).toBe('problem');
  expect(layers.kind).toBe('found');
});

test('without a run there is nothing to show', async () => {
  await expect(new ModelSource(join(root, 'none'), (path) => path).state()).rejects.toThrow(
    /There is no run/,
  );
});
