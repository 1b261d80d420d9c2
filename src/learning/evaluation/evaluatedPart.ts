import type { StoredPart } from '../../dataset/dataSet.js';
import type { EncodedRecording } from '../../dataset/encodeRecordings.js';
import type { DataSetMeta } from '../../dataset/files/dataSetMeta.js';
import { UNKNOWN } from '../../dataset/sequences.js';
import { IDLE } from '../../dataset/vocabulary.js';
import { windowsOf, type Windows } from '../../dataset/windows.js';
import type { EvaluatedRecording } from '../../protocol/evaluation.js';
import type { Question } from '../baselines/evaluateBaselines.js';
import type { TrainedModel } from '../export/trainedModel.js';
import { askedRows } from '../trainer/trainingData.js';

/** Windows of a batch of evaluation: the same for all runs, so that all are asked about the same events. */
export const BATCH_SIZE = 128;

/** A part, or recordings that were named, and which events of it are to be predicted. */
export interface EvaluatedPart {
  readonly name: string;
  readonly stored: StoredPart;
  readonly windows: Windows;
  readonly maxTargets: number;
  readonly question: Question;
  /** [targets] rows of the events that are to be predicted, ascending. */
  readonly rows: Uint32Array;
  /** Those that have one of these events. */
  readonly recordings: readonly EvaluatedRecording[];
  /** [targets] indices in `recordings`. */
  readonly recording: Uint32Array;
  /** [targets] absolute times of the events. */
  readonly timeNs: BigInt64Array;
}

type NamedRecording = Pick<EvaluatedRecording, 'path' | 'workload' | 'category'>;

/** The events behind the windows of a part, `maxTargets` of them or a few more, evenly spread by batches; `null`: it has no window. */
export function evaluatedPart(
  name: string,
  stored: StoredPart,
  named: readonly NamedRecording[],
  trained: TrainedModel,
  maxTargets: number,
): EvaluatedPart | null {
  const { length, stride, features } = trained.config.windows;
  const { standardisations } = trained;
  const windows = windowsOf(stored, { length, stride, features, standardisations, seed: null });
  if (windows.count === 0) return null;
  const question = askedRows(stored, windows, length, BATCH_SIZE, maxTargets);
  const rows = rowsAsked(question);
  return {
    ...{ name, stored, windows, maxTargets, question, rows },
    ...recordingsOf(stored, rows, named),
    timeNs: timesOf(stored, rows),
  };
}

/** The recordings of a data set by the numbers that sequences have of them. */
export function recordingsOfDataSet({ recordings }: DataSetMeta): NamedRecording[] {
  return recordings.map(({ files, traceId, workload, category }) =>
    named(files[0]?.path ?? '', traceId, workload, category),
  );
}

export function recordingsGiven(recordings: readonly EncodedRecording[]): NamedRecording[] {
  return recordings.map(({ path, traceId, workload, category }) => named(path, traceId, workload, category));
}

/** As the TCN follow-up had it: what is not in the vocabulary is idle. */
export function unknownAsIdle<P extends Pick<StoredPart, 'task'>>(part: P): P {
  return { ...part, task: part.task.map((task) => (task === UNKNOWN ? IDLE : task)) };
}

function named(path: string, traceId: string | null, workload: string, category: string): NamedRecording {
  return { path: traceId === null ? path : `${path} (${traceId})`, workload, category };
}

function rowsAsked({ isAsked }: Question): Uint32Array {
  const rows = new Uint32Array(isAsked.reduce((sum, each) => sum + each, 0));
  let to = 0;
  for (let row = 0; row < isAsked.length; row += 1) if (isAsked[row] === 1) rows[to++] = row;
  return rows;
}

function recordingsOf(stored: StoredPart, rows: Uint32Array, all: readonly NamedRecording[]) {
  const numbers = new Map<number, number>();
  const targets: number[] = [];
  const recording = new Uint32Array(rows.length);
  eachWithSequence(stored, rows, (at, sequence) => {
    const origin = stored.origins[sequence]!.recording;
    const number = numbers.get(origin) ?? numbers.size;
    numbers.set(origin, number);
    targets[number] = (targets[number] ?? 0) + 1;
    recording[at] = number;
  });
  const recordings = [...numbers.keys()].map((origin, number) => ({
    ...all[origin]!,
    targets: targets[number]!,
  }));
  return { recordings, recording };
}

function timesOf({ startNs, starts, deltaNs }: StoredPart, rows: Uint32Array): BigInt64Array {
  const times = new BigInt64Array(rows.length);
  let [at, sequence, sinceNs] = [0, -1, 0];
  for (let row = 0; at < rows.length; row += 1) {
    if (row === starts[sequence + 1]) [sequence, sinceNs] = [sequence + 1, 0];
    else sinceNs += deltaNs[row]!;
    if (row !== rows[at]) continue;
    times[at] = startNs[sequence]! + BigInt(sinceNs);
    at += 1;
  }
  return times;
}

function eachWithSequence(
  { starts }: StoredPart,
  rows: Uint32Array,
  visit: (at: number, sequence: number) => void,
): void {
  let sequence = 0;
  for (let at = 0; at < rows.length; at += 1) {
    while (sequence + 1 < starts.length && starts[sequence + 1]! <= rows[at]!) sequence += 1;
    visit(at, sequence);
  }
}
