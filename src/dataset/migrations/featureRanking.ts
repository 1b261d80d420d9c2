/** Tables 5.4, 5.6 and 5.7 of the thesis from recordings of one's own: scores of columns by workload, and the best of each. */
import { throwIfCancelled } from '../../base/cancellation.js';
import { isFailure } from '../../base/errors.js';
import { cleanRows, type Balance, type CleaningStep } from './cleaning.js';
import { columnWarnings, type ColumnWarning } from './columnWarnings.js';
import { candidateColumns, experimentColumns } from './experimentColumns.js';
import { fScores, mutualInformation, type ScoreTable } from './featureScores.js';
import { labelled } from './labels.js';
import type { Experiment, Labelled, MigrationSet } from './migrationSet.js';
import { allRows, columnOf, rowsWhere, workloadsOf } from './setColumns.js';

export interface FeatureRankingOptions {
  /** Columns to be scored; all that are known before the decision unless told. */
  readonly columns?: readonly string[] | undefined;
  /** `half` unless told, as in the thesis. */
  readonly balance?: Balance | undefined;
  /** Of the draw for the balance. */
  readonly seed?: number | undefined;
  readonly neverRan?: 'invalid' | 'valid' | undefined;
  /** For mutual information. */
  readonly bins?: number | undefined;
  /** How many of each workload are united; 5 as in the thesis. */
  readonly top?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ColumnScore {
  readonly column: string;
  readonly f: number;
  readonly p: number;
  readonly nats: number;
  readonly biasNats: number;
  /** By F, from 1 on. */
  readonly rank: number;
}

export interface WorkloadScores {
  /** Null: all workloads together. */
  readonly workload: string | null;
  /** Before cleaning. */
  readonly calls: number;
  readonly positives: number;
  /** What cleaning did; behind the last step are the rows that were scored. */
  readonly steps: readonly CleaningStep[];
  /** By rank. Columns without variance and such of which F cannot be told are not in it. */
  readonly scores: readonly ColumnScore[];
  /** The best ones by F, by rank. */
  readonly top: readonly string[];
  /** Why nothing was scored; null where something was. */
  readonly reason: string | null;
}

export interface FeatureRanking {
  readonly experiment: Experiment;
  readonly balance: Balance;
  readonly seed: number;
  readonly bins: number;
  readonly columns: readonly string[];
  /** By name, and at last all of them together where there are several. */
  readonly workloads: readonly WorkloadScores[];
  /** The best ones of all workloads united: by how many have them there, then by their best rank. */
  readonly union: readonly string[];
  /** The inputs that the thesis chose so. */
  readonly ofThesis: readonly string[];
  readonly warnings: readonly ColumnWarning[];
}

const BINS = 10;
const TOP = 5;

/**
 * Scores columns for each workload by itself, and for all together; the union is of the workloads. Failures: those of
 * `labelled`, `wrong-usage` (no such column), `cancelled`.
 */
export function featureRanking(
  set: MigrationSet,
  experiment: Experiment,
  options: FeatureRankingOptions = {},
): FeatureRanking {
  const { columns = candidateColumns(set), balance = 'half', seed = 0, bins = BINS, top = TOP } = options;
  const labels = labelled(set, experiment);
  const workloads = workloadsOf(set);
  const score = (workload: string | null, rows: Uint32Array) => {
    throwIfCancelled(options.signal);
    return scoresOf(set, labels, workload, rows, { ...options, columns, balance, seed, bins, top });
  };
  const each = workloads.map((workload) =>
    score(
      workload,
      rowsWhere(set, (recording) => recording.workload === workload),
    ),
  );
  return {
    experiment,
    balance,
    seed,
    bins,
    columns,
    workloads: workloads.length > 1 ? [...each, score(null, allRows(set))] : each,
    union: unionOf(each),
    ofThesis: experimentColumns(experiment),
    warnings: columnWarnings(experiment, columns),
  };
}

type Settings = FeatureRankingOptions &
  Pick<FeatureRanking, 'columns' | 'balance' | 'seed' | 'bins'> & { readonly top: number };

function scoresOf(
  set: MigrationSet,
  { labels }: Labelled,
  workload: string | null,
  rows: Uint32Array,
  settings: Settings,
): WorkloadScores {
  const positives = rows.reduce((sum, row) => sum + labels[row]!, 0);
  const facts = { workload, calls: rows.length, positives };
  try {
    const clean = cleanRows(set, labels, { ...settings, rows });
    const ofRows = Uint8Array.from(clean.rows, (row) => labels[row]!);
    const scores = ranked(exactTable(set, clean.rows, clean.columns), ofRows, settings.bins);
    const top = scores.slice(0, settings.top).map(({ column }) => column);
    const reason = scores.length === 0 ? 'After cleaning there is one class only.' : null;
    return { ...facts, steps: clean.steps, scores, top, reason };
  } catch (error) {
    // A workload without a forced migration is nothing unusual, and no reason to score none of the others.
    if (!isFailure(error, 'bad-input')) throw error;
    return { ...facts, steps: [], scores: [], top: [], reason: error.message };
  }
}

function ranked(table: ScoreTable, labels: Uint8Array, bins: number): ColumnScore[] {
  const information = mutualInformation(table, labels, { bins });
  return fScores(table, labels)
    .map((score, at) => ({ ...information[at]!, ...score }))
    .filter(({ f }) => !Number.isNaN(f))
    .sort((a, b) => (a.f === b.f ? b.nats - a.nats : b.f - a.f))
    .map((score, at) => ({ ...score, rank: at + 1 }));
}

/** Values as they were recorded: float32 has too few digits for times. */
function exactTable(set: MigrationSet, rows: Uint32Array, names: readonly string[]): ScoreTable {
  const values = new Float64Array(rows.length * names.length);
  for (const [column, name] of names.entries()) {
    const from = columnOf(set, name);
    for (let at = 0; at < rows.length; at += 1) values[at * names.length + column] = from[rows[at]!]!;
  }
  return { rows: rows.length, names, values };
}

function unionOf(workloads: readonly WorkloadScores[]): string[] {
  const found = new Map<string, { times: number; best: number }>();
  for (const { top } of workloads) {
    for (const [at, column] of top.entries()) {
      const before = found.get(column) ?? { times: 0, best: Infinity };
      found.set(column, { times: before.times + 1, best: Math.min(before.best, at) });
    }
  }
  return [...found]
    .sort(([a, one], [b, other]) => other.times - one.times || one.best - other.best || (a < b ? -1 : 1))
    .map(([column]) => column);
}
