import { labelled } from '../dataset/migrations/labels.js';
import { featureRanking } from '../dataset/migrations/featureRanking.js';
import type { Experiment, MigrationSet } from '../dataset/migrations/migrationSet.js';
import { readMigrationSet } from '../dataset/migrations/readMigrationSet.js';
import { trainedImportance } from '../learning/migrations/experiments/permutationImportance.js';
import { runExperiments } from '../learning/migrations/experiments/runExperiments.js';
import { transferMatrix } from '../learning/migrations/experiments/transfer.js';
import { CLASSIFIER_KINDS, classifierKinds } from '../learning/migrations/models/classifierKinds.js';
import { columnRanking } from '../learning/migrations/study/columnRanking.js';
import type { TrainedImportance, WayName } from '../protocol/neuralCfs.js';
import type { ColumnRanking } from '../protocol/neuralCfsStudy.js';
import { interruptible } from './interruptible.js';
import { importanceLines, scoreLines } from './neuralCfsScoresText.js';
import { experimentsLines } from './neuralCfsText.js';
import { transferLines } from './neuralCfsTransferText.js';
import { printable, printLines, toJson } from './output.js';
import { StatusLine } from './statusLine.js';
import packageJson from '../../package.json' with { type: 'json' };

interface CommonOptions {
  readonly experiment?: Experiment;
  readonly seed: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface NeuralCfsExperimentsOptions extends CommonOptions {
  readonly split?: readonly Exclude<WayName, 'published'>[];
  readonly model?: readonly string[];
}

export interface NeuralCfsScoresOptions extends CommonOptions {
  readonly balance: 'half' | 'natural';
  readonly importance?: string;
}

export interface NeuralCfsTransferOptions extends CommonOptions {
  readonly by: 'workload' | 'machine';
  readonly model: string;
}

/** `neural-cfs experiments PATH…`: figures 5.1 to 5.3 of the thesis beside ours. */
export async function neuralCfsExperiments(
  paths: readonly string[],
  options: NeuralCfsExperimentsOptions,
): Promise<void> {
  const results = await withRecords(paths, options, (set, signal, show) =>
    runExperiments(set, {
      experiments: experimentsOf(options),
      kinds: options.model === undefined ? CLASSIFIER_KINDS : classifierKinds(options.model),
      ways: ['published', ...(options.split ?? ['group'])],
      seed: options.seed,
      kernelOracleVersion: packageJson.version,
      now: () => new Date(),
      signal,
      onProgress: show,
    }),
  );
  await printLines(options.json === true ? [toJson(results)] : experimentsLines(results));
}

/** `neural-cfs scores PATH…`: tables 5.4, 5.6 and 5.7 for these recordings. */
export async function neuralCfsScores(
  paths: readonly string[],
  options: NeuralCfsScoresOptions,
): Promise<void> {
  const { seed, balance, importance } = options;
  const scored = await withRecords(paths, options, async (set, signal, show) => {
    const found: ScoredExperiment[] = [];
    for (const experiment of experimentsOf(options)) {
      show(`experiment ${experiment}: scores of columns`);
      const ranking = columnRanking(featureRanking(set, experiment, { balance, seed, signal }));
      const [kind] = importance === undefined ? [] : classifierKinds([importance]);
      if (kind === undefined) found.push({ ranking, importance: null });
      else {
        show(`experiment ${experiment}: ${kind.title}`);
        const labels = labelled(set, experiment);
        found.push({ ranking, importance: await trainedImportance(set, labels, kind, { seed, signal }) });
      }
    }
    return found;
  });
  await printLines(options.json === true ? [toJson(scored)] : scoredLines(scored));
}

interface ScoredExperiment {
  readonly ranking: ColumnRanking;
  /** `null`: not asked for. */
  readonly importance: TrainedImportance | null;
}

function* scoredLines(scored: readonly ScoredExperiment[]): Generator<string> {
  for (const [at, { ranking, importance }] of scored.entries()) {
    if (at > 0) yield '';
    yield* scoreLines(ranking);
    if (importance !== null) yield* importanceLines(importance);
  }
}

/** `neural-cfs transfer PATH…`: trained on each workload or machine, tested on every other. */
export async function neuralCfsTransfer(
  paths: readonly string[],
  options: NeuralCfsTransferOptions,
): Promise<void> {
  const { by, model, seed } = options;
  const matrices = await withRecords(paths, options, async (set, signal, show) => {
    const found = [];
    for (const experiment of experimentsOf(options)) {
      const kind = classifierKinds([model])[0]!;
      found.push(await transferMatrix(set, experiment, { by, kind, seed, signal, onProgress: show }));
    }
    return found;
  });
  await printLines(
    options.json === true ? [toJson(matrices)] : matrices.flatMap((each) => [...transferLines(each)]),
  );
}

function experimentsOf({ experiment }: CommonOptions): readonly Experiment[] {
  return experiment === undefined ? [1, 2, 3] : [experiment];
}

/** Reads the records, says what is odd about them, and does the work; Ctrl+C ends it. */
export async function withRecords<T>(
  paths: readonly string[],
  { quiet }: Pick<CommonOptions, 'quiet'>,
  work: (set: MigrationSet, signal: AbortSignal, show: (text: string) => void) => Promise<T>,
): Promise<T> {
  const status = new StatusLine(quiet === true);
  return interruptible(async (signal) => {
    try {
      const set = await readMigrationSet(paths, {
        signal,
        onProgress: ({ path, done, total }) =>
          status.show(`reading ${printable(path)} (${done + 1} of ${total})`),
      });
      complain(set, status);
      return await work(set, signal, (text) => status.show(printable(text)));
    } finally {
      status.clear();
    }
  });
}

function complain({ recordings, leftOut = [] }: MigrationSet, status: StatusLine): void {
  status.clear();
  for (const { path, reason } of leftOut) {
    process.stderr.write(`note: ${printable(path)} was left out: ${printable(reason)}\n`);
  }
  for (const { path, malformed, remarks = [] } of recordings) {
    if (malformed > 0)
      process.stderr.write(`warning: ${printable(path)}: ${malformed} malformed lines were left out\n`);
    for (const remark of remarks) process.stderr.write(`warning: ${printable(remark)}\n`);
  }
}
