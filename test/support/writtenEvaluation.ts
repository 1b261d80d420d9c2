import { mkdir } from 'node:fs/promises';
import type { NextTaskEvents } from '../../src/learning/evaluation/evaluatedEvents.js';
import { writeEvaluation, writeEvents } from '../../src/learning/evaluation/evaluationFiles.js';
import { weightsOf } from '../../src/learning/evaluation/taskScores.js';
import {
  EVALUATION_VERSION,
  SLICES,
  type Evaluation,
  type NextTaskEvaluation,
} from '../../src/protocol/evaluation.js';

export interface WrittenEvents {
  /** Indices in `NAMES`. */
  readonly target: readonly number[];
  readonly guess: readonly number[];
  readonly baseline?: readonly number[];
  readonly contested?: readonly number[];
  /** Rows in the part; 0, 1, … unless told. */
  readonly row?: readonly number[];
  readonly recording?: readonly number[];
  readonly dataset?: string;
  /** By index in the vocabulary; `NAMES` unless told. */
  readonly names?: readonly string[];
}

export const NAMES = ['UNK', 'swapper', 'a', 'b', 'c', 'd', 'e'];
const NONE = { value: 0, low: null, high: null };
const SCORES = { top1: NONE, top3: NONE, mrr: NONE, logLoss: null };

/** Files as an evaluation of the part `seen` leaves them, of events that were made up: its scores are not worked out. */
export async function writeEvaluated(folder: string, written: WrittenEvents): Promise<void> {
  await mkdir(folder, { recursive: true });
  const events = eventsOf(written);
  const part = partOf(events, written.names ?? NAMES, await writeEvents(folder, 'seen.columns', events));
  await writeEvaluation(folder, evaluationOf(part, written.dataset ?? 'ab'), 'own');
}

export function eventsOf(written: WrittenEvents): NextTaskEvents {
  const { target, guess } = written;
  const count = target.length;
  const column = (values: readonly number[] | undefined, fallback: (at: number) => number) =>
    Array.from({ length: count }, (_, at) => values?.[at] ?? fallback(at));
  const row = column(written.row, (at) => at);
  const isRight = (at: number) => target[at] === guess[at] && target[at] !== 0;
  return {
    task: 'next-task',
    count,
    row: Uint32Array.from(row),
    recording: Uint32Array.from(column(written.recording, () => 0)),
    cpu: Uint16Array.from(row, (each) => each % 2),
    timeNs: BigInt64Array.from(row, (each) => 5_000_000_000n + BigInt(each) * 1000n),
    contested: Uint8Array.from(column(written.contested, () => 255)),
    target: Int32Array.from(target),
    guess: Int32Array.from(guess),
    rank: Uint32Array.from(target, (each, at) => (each === 0 ? 0 : isRight(at) ? 1 : 2)),
    confidence: Float64Array.from(target, (_, at) => 0.5 + 0.4 * (at / count)),
    probability: Float64Array.from(target, (each, at) => (each === 0 ? NaN : isRight(at) ? 0.8 : 0.1)),
    baselines: new Map([['constant', Int32Array.from(column(written.baseline, () => 1))]]),
  };
}

function evaluationOf(part: NextTaskEvaluation, dataset: string): Evaluation {
  return {
    format: 'kernel-oracle-evaluation',
    version: EVALUATION_VERSION,
    kernelOracleVersion: '0.1.0',
    evaluated: '2026-02-03T12:00:00.000Z',
    model: { name: 'tcn', task: 'next-task', parameters: 1000, epoch: 3, engine: 'embedded' },
    weightsSha256: '0'.repeat(64),
    dataset: { path: '/nowhere', sha256: dataset },
    bootstrap: { resamples: 1000, seed: 1 },
    parts: [part],
    cost: null,
    warnings: [],
  };
}

function partOf(events: NextTaskEvents, names: readonly string[], eventsSha256: string): NextTaskEvaluation {
  const recordings = [...new Set(events.recording)];
  const count = (wanted: number, values: ArrayLike<number>) =>
    Array.from(values).filter((each) => each === wanted).length;
  return {
    task: 'next-task',
    part: 'seen',
    targets: events.count,
    recordings: recordings.map((number) => ({
      path: `/recordings/r${number}.txt`,
      workload: `w${number}`,
      category: 'all',
      targets: count(number, events.recording),
    })),
    eventsFile: 'seen.columns',
    eventsSha256,
    blockEvents: 10,
    unknownTargets: count(0, events.target),
    idleTargets: count(1, events.target),
    contestedTargets: null,
    slices: SLICES.map((slice) => ({
      slice,
      targets: count(1, weightsOf(slice, events)),
      model: SCORES,
      baselines: [{ name: 'constant', scores: SCORES, difference: SCORES }],
    })).filter(({ slice, targets }) => slice === 'all' || targets > 0),
    calibration: { ece: 0, bins: [] },
    byWorkload: [],
    byCpu: [],
    byTask: names
      .map((task, index) => ({
        ...{ task, index, support: count(index, events.target), predicted: count(index, events.guess) },
        ...{ precision: null, recall: null, f1: null },
      }))
      .slice(1),
    macro: { workloadTop1: 0, taskRecall: 0, taskF1: 0 },
  };
}
