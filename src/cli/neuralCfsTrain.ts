import { classifierKinds } from '../learning/migrations/models/classifierKinds.js';
import type { NeuralCfsRun, RunSplit, ThresholdChoice } from '../learning/migrations/runs/neuralCfsRun.js';
import { requireRunFree, writeNeuralCfsRun } from '../learning/migrations/runs/runFolder.js';
import { trainRun } from '../learning/migrations/runs/trainRun.js';
import type { ThresholdFigures } from '../protocol/neuralCfs.js';
import { estimateText } from './estimateText.js';
import { wrapped } from './evaluationText.js';
import { withRecords } from './neuralCfs.js';
import { printable, printLines, toJson } from './output.js';
import packageJson from '../../package.json' with { type: 'json' };

export interface NeuralCfsTrainOptions {
  readonly experiment: 1 | 2 | 3;
  readonly model: string;
  readonly output: string;
  readonly split: RunSplit;
  readonly columns?: string;
  readonly threshold: ThresholdChoice;
  readonly seed: number;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `neural-cfs train PATH… -o RUN`: a model that is kept. */
export async function neuralCfsTrain(
  paths: readonly string[],
  options: NeuralCfsTrainOptions,
): Promise<void> {
  const { experiment, model, output, split, columns, threshold, seed, force = false } = options;
  const [kind] = classifierKinds([model]);
  await requireRunFree({ path: output, replace: force });
  const info = await withRecords(paths, options, async (set, signal, show) => {
    const run = await trainRun(set, experiment, {
      ...{ kind: kind!, split, threshold, seed, signal, onProgress: show },
      columns: columns?.split(',').map((name) => name.trim()),
      kernelOracleVersion: packageJson.version,
      now: () => new Date(),
    });
    return writeNeuralCfsRun(run, { path: output, replace: force, signal });
  });
  await printLines(options.json === true ? [toJson(info)] : runLines(info, output));
}

function* runLines(run: NeuralCfsRun, output: string): Generator<string> {
  const { model, experiment, training, test, scaling, split, threshold, warnings } = run;
  yield `${printable(output)}: ${model.title}, experiment ${experiment}, ${model.summary}`;
  yield* wrapped(`inputs: ${scaling.map(({ name }) => name).join(', ')}`);
  yield `training   ${training.rows} calls, ${training.positives} positive, in ${model.trainingSeconds.toFixed(1)} s`;
  yield `test       ${test.rows} calls, ${test.positives} positive`;
  yield* wrapped(`split: ${printable(split.note)}`);
  yield `threshold  ${threshold.score.toPrecision(4)} (${threshold.choice === 'half' ? 'one half' : 'the best on the training rows'})`;
  const { judgement } = model;
  if (judgement !== null) {
    const share = estimateText(judgement.averagePrecision, (value) => value.toFixed(3));
    yield `average precision ${share}; by chance ${(test.positives / test.rows).toFixed(3)}`;
    yield thresholdLine('at 0.5', judgement.atHalf);
    if (judgement.atTrained !== null) yield thresholdLine('at the trained threshold', judgement.atTrained);
  }
  for (const warning of warnings) yield* wrapped(`warning: ${printable(warning)}`);
}

function thresholdLine(where: string, { recall, precision, mcc }: ThresholdFigures): string {
  const told = precision === null ? '-' : precision.value.toFixed(3);
  return `${where}: recall ${recall.value.toFixed(3)}, precision ${told}, MCC ${mcc.value.toFixed(3)}`;
}
