import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import { exportRun } from '../../../../src/learning/export/exportRun.js';
import { readTrainedModel } from '../../../../src/learning/export/trainedModel.js';
import { readSafetensors, writeSafetensors } from '../../../../src/learning/files/safetensors.js';
import { train } from '../../../../src/learning/trainer/train.js';
import { build, csvRows, CSV_HEADER, dataSetFolder } from '../../../support/dataSetInputs.js';
import { littleConfig } from '../../../support/trainingRuns.js';

let root: string;
let folder: string;

beforeAll(async () => {
  root = await dataSetFolder();
  folder = join(root, 'run');
  const csv = join(root, 'trace.csv');
  writeFileSync(csv, CSV_HEADER + [0, 1, 2].map((run) => csvRows('hackbench', run, 300)).join(''));
  await build([csv], join(root, 'data'));
  const engine = await EmbeddedEngine.create({ threads: 1 });
  try {
    const config = littleConfig({ dataset: join(root, 'data'), epochs: 1 });
    await train(config, folder, { engine, kernelOracleVersion: '1.2.3' });
  } finally {
    engine.dispose();
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const best = () => join(folder, 'checkpoints', 'best');

describe('the best weights of a run', () => {
  test('with vocabulary and standardisation of its data set', async () => {
    const { inputs, outputs, vocabulary, standardisations, weights } = await readTrainedModel(folder);
    expect(vocabulary.tasks.slice(0, 2)).toEqual(['UNK', 'swapper']);
    expect(inputs).toMatchObject({ taskCount: vocabulary.tasks.length, featureCount: 2 });
    expect(outputs).toEqual({ kind: 'logits' });
    expect(standardisations.cpu.mean).toBeGreaterThan(0);
    expect(weights.has('tcn.block1.conv2.variance')).toBe(true);
  });

  test.each(['.old', '.new'])('while a checkpoint waits for its name as %s', async (ending) => {
    renameSync(best(), `${best()}${ending}`);
    try {
      expect((await readTrainedModel(folder)).weights.size).toBeGreaterThan(10);
    } finally {
      renameSync(`${best()}${ending}`, best());
    }
  });

  test('none before the end of the first epoch', async () => {
    renameSync(best(), `${best()}.aside`);
    try {
      await expect(readTrainedModel(folder)).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringMatching(/no best weights yet/) as string,
      });
    } finally {
      renameSync(`${best()}.aside`, best());
    }
  });

  test('of another run', async () => {
    const path = join(best(), 'weights.safetensors');
    const whole = readFileSync(path);
    const { tensors, metadata } = await readSafetensors(path);
    try {
      await writeSafetensors(path, tensors, { ...metadata, inputs: '{"taskCount": 3}' });
      await expect(readTrainedModel(folder)).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringMatching(/damaged, or of another run/) as string,
      });
    } finally {
      writeFileSync(path, whole);
    }
  });
});

test('a cancelled export leaves nothing', async () => {
  const output = join(root, 'model.onnx');
  const options = { folder, output, kernelOracleVersion: '1.2.3', signal: AbortSignal.abort() };
  for (const to of ['onnx', 'tfjs', 'safetensors'] as const) {
    await expect(exportRun({ ...options, to })).rejects.toMatchObject({ code: 'cancelled' });
  }
  await expect(exportRun({ ...options, to: 'onnx', output: root })).rejects.toMatchObject({
    code: 'write-failed',
    message: expect.stringMatching(/is a folder: name a file/) as string,
  });
});
