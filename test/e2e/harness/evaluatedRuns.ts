/** Runs that were trained and evaluated on a sample recording, for the panels that show what models are worth. */
import { join } from 'node:path';
import { buildDataSet, DEFAULT_OPTIONS } from '../../../src/dataset/buildDataSet.js';
import { evaluateRun } from '../../../src/learning/evaluation/evaluateRun.js';
import { parseConfig } from '../../../src/learning/trainer/config/config.js';
import { openEngine } from '../../../src/learning/trainer/openEngine.js';
import { train } from '../../../src/learning/trainer/train.js';
import type { Evaluation } from '../../../src/protocol/evaluation.js';

const SAMPLE = join(import.meta.dirname, '../../../samples/messaging.ftrace.xz');

/** Settings of a model that trains in a moment, without the data set. */
export const LITTLE_TCN = `model: { name: tcn, settings: { projection: 8, blocks: 2, taskEmbedding: 8, stateEmbedding: 4 } }
windows: { length: 16, stride: 8 }
epochs: 2
batchSize: 64
engine: { name: embedded, threads: 1 }
`;

/** A data set of the sample in the folder `data`. */
export async function buildSampleData(folder: string): Promise<void> {
  await buildDataSet({
    paths: [SAMPLE],
    output: join(folder, 'data'),
    options: { ...DEFAULT_OPTIONS, split: 'walk-forward' },
    replace: false,
    kernelOracleVersion: '0.0.0',
    now: () => new Date(),
  });
}

/** Trains a run `runs/NAME` on it, and evaluates it unless told otherwise. */
export async function trainSampleRun(
  folder: string,
  name: string,
  settings = LITTLE_TCN,
  evaluates = true,
): Promise<Evaluation | null> {
  const engine = await openEngine({ name: 'embedded', threads: 1 });
  try {
    const run = join(folder, 'runs', name);
    const config = parseConfig(`dataset: data\n${settings}`, join(folder, 'kernel-oracle.yaml'));
    await train(config, run, { engine, kernelOracleVersion: '0.0.0' });
    if (!evaluates) return null;
    return await evaluateRun(run, { engine, kernelOracleVersion: '0.0.0', measureCost: false });
  } finally {
    engine.dispose();
  }
}
