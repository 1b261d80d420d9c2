import { PART_NAMES, type PartName, type Sequences } from '../../src/dataset/sequences.js';
import { uniform } from '../../src/learning/layers/chance.js';
import type { TrainingDataSet } from '../../src/learning/trainer/trainingData.js';

const TASKS = ['UNK', 'swapper', 'a', 'b', 'c', 'd'];

/** A data set in memory: tasks that mostly follow each other in turn, with some chance, on two CPUs. */
export function littleDataSet(
  rows = 400,
  changes: Partial<Record<PartName, Sequences>> = {},
): TrainingDataSet {
  const parts = Object.fromEntries(
    PART_NAMES.map((name, at) => [
      name,
      changes[name] ?? littleSequences(name === 'train' ? rows : rows / 2, at + 1),
    ]),
  ) as Record<PartName, Sequences>;
  return {
    meta: {
      vocabulary: {
        kind: 'comm',
        tasks: TASKS,
        taskCounts: TASKS.map(() => rows / 6),
        states: ['UNK', 'S', 'R'],
      },
      features: {
        cpu: { mean: 0.5, deviation: 0.5 },
        logDelta: { mean: 8, deviation: 1.5 },
        delta: { mean: 5000, deviation: 6000 },
      },
      parts: Object.fromEntries(PART_NAMES.map((name) => [name, { sha256: `${name}${rows}` }])) as Record<
        PartName,
        { sha256: string }
      >,
    },
    part: (name) => Promise.resolve(parts[name]),
  };
}

export function littleSequences(rows: number, seed: number): Sequences {
  const task = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const before = row === 0 ? 1 : task[row - 1]!;
    const chance = uniform(seed, row);
    task[row] =
      chance < 0.02 ? 0 : chance < 0.75 ? 1 + (before % 5) : 1 + Math.floor(uniform(seed + 9, row) * 5);
  }
  const half = rows >> 1;
  return {
    rows,
    task,
    state: Uint8Array.from(task, (each) => (each === 1 ? 2 : 1)),
    cpu: Uint16Array.from({ length: rows }, (_, row) => (row < half ? 0 : 1)),
    deltaNs: Float64Array.from({ length: rows }, (_, row) =>
      row === 0 || row === half ? NaN : Math.exp(6 + 4 * uniform(seed + 5, row)),
    ),
    starts: Uint32Array.of(0, half),
    origins: [
      { recording: 0, cpu: 0 },
      { recording: 0, cpu: 1 },
    ],
  };
}

/** A part without rows. */
export const NO_SEQUENCES: Sequences = {
  rows: 0,
  task: new Int32Array(0),
  state: new Uint8Array(0),
  cpu: new Uint16Array(0),
  deltaNs: new Float64Array(0),
  starts: new Uint32Array(0),
  origins: [],
};
