import { Failure, isFailure } from '../../../base/errors.js';
import { cleaned, type Cleaned, type CleanedTable } from '../../../dataset/migrations/cleaning.js';
import { experimentColumns } from '../../../dataset/migrations/experimentColumns.js';
import { labelled } from '../../../dataset/migrations/labels.js';
import type {
  Experiment,
  Labelled,
  MigrationRecording,
  MigrationSet,
} from '../../../dataset/migrations/migrationSet.js';
import { rowsWhere } from '../../../dataset/migrations/setColumns.js';
import type { RowCounts, TransferCell, TransferResult } from '../../../protocol/neuralCfs.js';
import type { ClassifierKind } from '../classifier.js';
import { refusalOf, rowCounts } from '../judgement/enoughRows.js';
import { judgePart } from './judgeModels.js';
import { preparedRows } from './preparedRows.js';
import { commonMigrationCost, trainModel, type TrainedModel } from './trainModels.js';

export interface TransferOptions {
  readonly by: 'workload' | 'machine';
  readonly kind: ClassifierKind;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

/**
 * What a model that was trained on one workload (or machine) is worth on every other: all rows of the one for training, all of the
 * other for the test. On the diagonal the rows are split by history group. At natural prevalence, with class weights.
 * Failures: those of `labelled`, `bad-input` (there are not two, or no machine is told), `cancelled`, the engine's.
 */
export async function transferMatrix(
  set: MigrationSet,
  experiment: Experiment,
  options: TransferOptions,
): Promise<TransferResult> {
  const { by, kind } = options;
  const names = transferNames(set, by);
  if (names.length < 2) {
    const found = names.length === 0 ? 'none' : `only ${names[0]!}`;
    throw new Failure(
      'bad-input',
      `These recordings are of ${found}: there is no other ${by} to transfer to. Name recordings of two ${by}s and more.`,
    );
  }
  const labels = labelled(set, experiment);
  const cells: TransferCell[][] = [];
  for (const name of names) {
    options.onProgress?.(`experiment ${experiment}: trained on ${name}`);
    cells.push(await rowOfMatrix(set, labels, name, names, options));
  }
  return { experiment, by, names, model: { name: kind.name, title: kind.title }, cells };
}

/** Workloads or machines of the recordings, by name. */
export function transferNames({ recordings }: MigrationSet, by: TransferOptions['by']): readonly string[] {
  return [...new Set(recordings.flatMap((each) => nameOf(each, by) ?? []))].sort();
}

function nameOf({ workload, machine }: MigrationRecording, by: TransferOptions['by']): string | null {
  return by === 'workload' ? workload : machine;
}

async function rowOfMatrix(
  set: MigrationSet,
  labels: Labelled,
  from: string,
  names: readonly string[],
  options: TransferOptions,
): Promise<TransferCell[]> {
  const rowsOf = (name: string) => rowsWhere(set, (each) => nameOf(each, options.by) === name);
  const counts = countsOf(labels, rowsOf(from));
  const refused = (refusal: string) =>
    names.map((to) => refusedCell(counts, countsOf(labels, rowsOf(to)), refusal));
  const refusal = refusalOf('training', counts);
  if (refusal !== null) return refused(refusal);
  try {
    return await judgedCells(set, labels, from, names, rowsOf, options);
  } catch (error) {
    // What cannot be cleaned or split is no reason to leave out the others.
    if (!isFailure(error, 'bad-input')) throw error;
    return refused(error.message);
  }
}

async function judgedCells(
  set: MigrationSet,
  labels: Labelled,
  from: string,
  names: readonly string[],
  rowsOf: (name: string) => Uint32Array,
  options: TransferOptions,
): Promise<TransferCell[]> {
  const own = rowsOf(from);
  const clean = cleaned(set, labels, {
    columns: experimentColumns(labels.experiment),
    trainRows: own,
    balance: 'natural',
    seed: options.seed,
    fitOn: 'train',
  });
  const others = names.filter((to) => to !== from);
  const tests = others.map((to) => clean.table(rowsOf(to)));
  const models = await trained(set, labels, clean, tests, options);
  const cells = new Map(
    others.map((to, at) => [to, cellOf(set, clean.train, tests[at]!, models[at]!, options)]),
  );
  cells.set(from, await diagonalCell(set, labels, own, options));
  return names.map((to) => cells.get(to)!);
}

function trained(
  set: MigrationSet,
  { experiment }: Labelled,
  { train, classWeights }: Pick<Cleaned, 'train' | 'classWeights'>,
  tests: readonly CleanedTable[],
  { kind, seed, signal }: TransferOptions,
): Promise<TrainedModel[]> {
  return trainModel(kind, experiment, train, tests, {
    seed,
    classWeights,
    withThreshold: false,
    migrationCostNs: commonMigrationCost(set),
    signal,
  });
}

async function diagonalCell(
  set: MigrationSet,
  labels: Labelled,
  rows: Uint32Array,
  options: TransferOptions,
): Promise<TransferCell> {
  const prepared = preparedRows(set, labels, 'group', { seed: options.seed, rows });
  const { train, test } = prepared;
  const [training, tested] = [rowCounts(train.labels), rowCounts(test.labels)];
  const refusal = refusalOf('training', training) ?? refusalOf('test', tested);
  if (refusal !== null) return refusedCell(training, tested, refusal);
  const [model] = await trained(set, labels, prepared, [test], options);
  return cellOf(set, train, test, model!, options);
}

function cellOf(
  set: MigrationSet,
  train: CleanedTable,
  test: CleanedTable,
  model: TrainedModel,
  { seed }: TransferOptions,
): TransferCell {
  const training = rowCounts(train.labels);
  const whole = { workload: null, trainedOn: 'part', training } as const;
  const part = judgePart(set, test, [model], whole, { seed, prevalences: [] });
  const refusal = part.refusal ?? part.models[0]!.failure;
  if (refusal !== null) return refusedCell(training, part.test, refusal);
  const { averagePrecision, rocAuc, atHalf } = part.models[0]!.judgement!;
  return {
    training,
    test: part.test,
    refusal: null,
    averagePrecision,
    rocAuc,
    balancedAccuracy: atHalf.balancedAccuracy,
  };
}

function refusedCell(training: RowCounts, test: RowCounts, refusal: string): TransferCell {
  return { training, test, refusal, averagePrecision: null, rocAuc: null, balancedAccuracy: null };
}

function countsOf({ labels }: Labelled, rows: Uint32Array): RowCounts {
  return rowCounts(Uint8Array.from(rows, (row) => labels[row]!));
}
