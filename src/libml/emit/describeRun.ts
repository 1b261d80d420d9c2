/** What a model is, in paragraphs for headers and README files. Names in them are others': whoever prints them makes them safe. */
import type { NeuralCfsRun, TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import type { CarriedModel } from './carriedModel.js';
import { columnText } from './columnTexts.js';

const POSITIVES = {
  1: 'the task would be allowed to migrate',
  2: 'the history of the task would end in a forced migration',
  3: 'the migration would be a forced one: allowed although the task is hot',
} as const;

/** So many workloads are named. */
const NAMED = 12;

export function whatItIs({ info, model }: TrainedRun, carried: CarriedModel, name: string): string[] {
  const { experiment, made, kernelOracleVersion, threshold } = info;
  return [
    `A model of can_migrate_task() of the Linux load balancer, carried over from the run "${name}" of KernelOracle ${kernelOracleVersion}.`,
    '',
    `It says 1 when ${POSITIVES[experiment]} (experiment ${experiment} of the NeuralCFS thesis).`,
    `${info.model.title}, ${info.model.summary}; trained ${made}, seed ${info.seed}.`,
    `${formText(carried)} ${carried.bytes} bytes of model, ${carried.stateBytes} of state.`,
    `Threshold: a score of ${threshold.score.toPrecision(6)} (${threshold.choice === 'half' ? 'one half' : 'the best on the training rows'}), ${model.threshold.toPrecision(6)} in log-odds.`,
    ...recordingTexts(info),
    ...neverRanTexts(info),
    ...judgementTexts(info),
    ...info.warnings.map((warning) => `Mind: ${warning}`),
  ];
}

function formText({ form, bits }: CarriedModel): string {
  if (form === 'tree')
    return 'A tree of questions about whole numbers: it decides exactly as the one that was grown.';
  return form === 'float' ? 'Weights of float32.' : `Fixed point with weights of ${bits!} bits.`;
}

function recordingTexts({ recordings, training, test, split }: NeuralCfsRun): string[] {
  const workloads = [...new Set(recordings.map(({ workload }) => workload))].sort();
  const more = workloads.length > NAMED ? ` and ${workloads.length - NAMED} more` : '';
  return [
    `Trained on ${training.rows} calls (${training.positives} positive), tested on ${test.rows} (${test.positives} positive) of ${recordings.length} recordings; no ${split.by === 'group' ? 'history group' : split.by} is in both. Workloads: ${workloads.slice(0, NAMED).join(', ')}${more}.`,
  ];
}

function neverRanTexts({ scaling }: NeuralCfsRun): string[] {
  if (!scaling.some(({ name }) => name === 'delta' || name === 'start_runtime')) return [];
  return [
    'Tasks that never ran (exec_start is 0) were left out of the training: what it says of them was not learnt.',
  ];
}

function judgementTexts({ model, threshold, refusal }: NeuralCfsRun): string[] {
  const { judgement } = model;
  if (judgement === null) return refusal === null ? [] : [`It was not judged: ${refusal}`];
  const at = threshold.choice === 'half' ? judgement.atHalf : (judgement.atTrained ?? judgement.atHalf);
  const precision =
    at.precision === null ? 'none is called positive' : `precision ${at.precision.value.toFixed(4)}`;
  return [
    `On the test: average precision ${judgement.averagePrecision.value.toFixed(4)}; at the threshold recall ${at.recall.value.toFixed(4)}, ${precision}, MCC ${at.mcc.value.toFixed(4)}.`,
  ];
}

/** An input a line: place, name, unit, what it is in the kernel, scale, range of the calibration rows. */
export function inputTexts({ model }: TrainedRun): string[] {
  const isTree = model.body.kind === 'tree';
  return model.features.map(({ name, mean, deviation, least, most }, at) => {
    const { unit, text } = columnText(name);
    const scale = isTree ? '' : ` mean ${short(mean)}, deviation ${short(deviation)};`;
    return `  ${at} ${name} [${unit}]: ${text};${scale} ${short(least)} .. ${short(most)} in the calibration rows`;
  });
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(9);
}
