import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedEngine } from '../../src/learning/engines/embedded/embeddedEngine.js';
import { train } from '../../src/learning/trainer/train.js';
import { build, CSV_HEADER, csvRows } from './dataSetInputs.js';
import { littleConfig } from './trainingRuns.js';

export interface LittleRuns {
  /** Of the data set: three runs of two workloads, one more category held out. */
  readonly dataset: string;
  /** Recordings of it, a file each. */
  readonly recordings: readonly string[];
  /** Trains a model on it in a moment; the result is the folder of the run. */
  train(name: string, changes: Record<string, unknown>): Promise<string>;
  readonly engine: EmbeddedEngine;
  dispose(): void;
}

/** A data set on disk, and runs on it. */
export async function littleRuns(folder: string): Promise<LittleRuns> {
  const recordings: string[] = [];
  for (const workload of ['alpha', 'beta', 'gamma']) {
    for (const run of [0, 1, 2]) {
      const path = join(folder, `${workload}_run${run}.csv`);
      await writeFile(path, `${CSV_HEADER}${csvRows(workload, run, 600)}`);
      recordings.push(path);
    }
  }
  const dataset = join(folder, 'dataset');
  await build(recordings, dataset, { holdOut: 'gamma', split: 'run' });
  const engine = await EmbeddedEngine.create({ threads: 1 });
  return {
    ...{ dataset, recordings, engine },
    train: async (name, changes) => {
      const run = join(folder, name);
      const config = littleConfig({ dataset, epochs: 2, windows: { length: 8, stride: 2 }, ...changes });
      await train(config, run, { engine, kernelOracleVersion: '1.2.3' });
      return run;
    },
    dispose: () => engine.dispose(),
  };
}
