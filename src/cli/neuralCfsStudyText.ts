import { WAY_TEXTS } from '../learning/migrations/experiments/runExperiments.js';
import type { ExperimentResult, ModelJudgement } from '../protocol/neuralCfs.js';
import type { NeuralCfsStudy } from '../protocol/neuralCfsStudy.js';
import { countText, estimateText } from './estimateText.js';
import { wrapped } from './evaluationText.js';
import { importanceLines, scoreLines } from './neuralCfsScoresText.js';
import { experimentsLines } from './neuralCfsText.js';
import { transferLines } from './neuralCfsTransferText.js';
import { printable } from './output.js';

/** What was done, in a few lines: what counts of each experiment, and where the rest is. */
export function* studySummary(study: NeuralCfsStudy, path: string): Generator<string> {
  yield* headLines(study);
  for (const experiment of study.results?.experiments ?? []) yield* wrapped(whatCounts(experiment));
  yield `written to ${printable(path)}: "kernel-oracle neural-cfs show" prints it, the editor opens it`;
}

/** All tables of a study, in the order in which it was made. */
export function* studyLines(study: NeuralCfsStudy): Generator<string> {
  const { made, kernelOracleVersion, settings, results, rankings, importance, transfers } = study;
  yield* headLines(study);
  yield `made ${made} by KernelOracle ${kernelOracleVersion}, seed ${settings.seed}`;
  for (const path of settings.paths) yield `of ${printable(path)}`;
  yield '';
  if (results === null) yield 'Experiments were not asked for.';
  else yield* experimentsLines(results);
  for (const ranking of rankings) {
    yield '';
    yield* scoreLines(ranking);
    for (const trained of importance) {
      if (trained.experiment === ranking.experiment) yield* importanceLines(trained);
    }
  }
  if (transfers.length > 0) yield '';
  for (const transfer of transfers) yield* transferLines(transfer);
}

function* headLines({
  rows,
  recordings,
  elapsedSeconds,
  leftOut,
  warnings,
}: NeuralCfsStudy): Generator<string> {
  const workloads = new Set(recordings.map(({ workload }) => workload)).size;
  const machines = new Set(recordings.flatMap(({ machine }) => machine ?? [])).size;
  yield `${rows} calls of can_migrate_task in ${countText(recordings.length, 'recording')}, ${countText(workloads, 'workload')}, ${countText(machines, 'machine')}; studied in ${elapsedSeconds.toFixed(1)} s`;
  for (const { path, reason } of leftOut)
    yield* wrapped(`left out: ${printable(path)}: ${printable(reason)}`);
  for (const warning of warnings) yield* wrapped(`warning: ${printable(warning)}`);
}

/** The strictest way that was asked for, over all workloads. */
function whatCounts({ experiment, ways }: ExperimentResult): string {
  const last = ways.at(-1)!;
  const [whole] = last.parts;
  const name = `experiment ${experiment}, ${WAY_TEXTS[last.way]}`;
  if (whole === undefined || whole.refusal !== null) {
    return `${name}: not scored: ${printable(whole?.refusal ?? 'nothing was split')}`;
  }
  const share = whole.test.positives / whole.test.rows;
  return `${name}: average precision ${whole.models.map(modelText).join(', ')}; by chance ${share.toFixed(3)}`;
}

function modelText({ name, judgement }: ModelJudgement): string {
  const precision =
    judgement === null ? '-' : estimateText(judgement.averagePrecision, (value) => value.toFixed(3));
  return `${name} ${precision}`;
}
