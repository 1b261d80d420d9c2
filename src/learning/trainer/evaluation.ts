import { UNKNOWN, type PartName, type Standardisation } from '../../dataset/sequences.js';
import type { Windows } from '../../dataset/windows.js';
import { TaskTally, TimeTally, type TaskMetrics, type TimeMetrics } from '../baselines/metrics.js';
import { taskBaselineMetrics, timeBaselineMetrics, type Question } from '../baselines/evaluateBaselines.js';
import type { Model } from '../models/model.js';
import { modelKindOf, type TrainingConfig } from './config/config.js';
import { askedRows, evaluationBatches, type TrainingData } from './trainingData.js';

/** Of the events behind the windows of a part; the loss is over the positions that training counts. */
export type PartMetrics = { readonly windows: number; readonly loss: number | null } & (
  ({ readonly task: 'next-task' } & TaskMetrics) | ({ readonly task: 'inter-arrival' } & TimeMetrics)
);

export interface EvaluationOptions {
  readonly config: TrainingConfig;
  readonly logDelta: Standardisation;
  readonly breathe: () => Promise<void>;
}

/** Loss and metrics of a model; those of a part without windows are `null`. */
export async function evaluate(
  model: Model,
  windows: Windows,
  { config, logDelta, breathe }: EvaluationOptions,
): Promise<PartMetrics> {
  const { task } = modelKindOf(config);
  const tasks = new TaskTally();
  const times = new TimeTally(quantilesOf(model));
  let lossSum = 0;
  let weight = 0;
  let seen = 0;
  for (const { batch } of evaluationBatches(windows, config.batchSize, config.evaluation.maxWindows)) {
    const count = model.lossWeight(batch, config.positions);
    const { loss, predicted } = model.assess(batch, config.positions);
    lossSum += loss * count;
    weight += count;
    seen += batch.size;
    const last = (batch.length - 1) * batch.size;
    const columns = predicted.length / batch.size;
    for (let window = 0; window < batch.size; window += 1) {
      const row = predicted.subarray(window * columns, (window + 1) * columns);
      if (task === 'next-task') tasks.add(batch.nextTask[last + window]!, topOf(row, 5));
      else addTime(times, model, batch.nextLogDelta[last + window]!, row, logDelta);
    }
    await breathe();
  }
  const loss = weight === 0 ? null : lossSum / weight;
  return task === 'next-task'
    ? { task, windows: seen, loss, ...tasks.metrics() }
    : { task, windows: seen, loss, ...times.metrics() };
}

/** What `metrics.json` holds: each part, the model's metrics and those of the baselines on the same events. */
export type RunMetrics = Readonly<
  Record<string, { readonly model: PartMetrics; readonly baselines: Readonly<Record<string, unknown>> }>
>;

/** Metrics on all parts but that of training; parts without windows are left out. */
export async function evaluateParts(
  model: Model,
  data: TrainingData,
  options: EvaluationOptions,
): Promise<RunMetrics> {
  const { config, breathe } = options;
  const questions: Question[] = [];
  const found: { part: PartName; model: PartMetrics }[] = [];
  for (const part of ['validation', 'seen', 'unseen'] as const) {
    const { sequences, windows } = await data.windows(part);
    if (windows.count === 0) continue;
    found.push({ part, model: await evaluate(model, windows, options) });
    const { length } = config.windows;
    questions.push(askedRows(sequences, windows, length, config.batchSize, config.evaluation.maxWindows));
  }
  if (questions.length === 0) return {};
  const { sequences: train } = await data.windows('train');
  const { taskCount } = data.inputs;
  const asked = { taskCount, train, quantiles: quantilesOf(model), breathe };
  const baselines =
    modelKindOf(config).task === 'next-task'
      ? await taskBaselineMetrics(asked, questions)
      : await timeBaselineMetrics(asked, questions);
  return Object.fromEntries(
    found.map(({ part, model: metrics }, at) => [
      part,
      {
        model: metrics,
        baselines: Object.fromEntries([...baselines].map(([name, list]) => [name, list[at]])),
      },
    ]),
  );
}

/** Indices of the largest values, the largest first, without UNK. */
export function topOf(row: Float32Array, most: number): number[] {
  const top: number[] = [];
  for (let index = 0; index < row.length; index += 1) {
    if (index === UNKNOWN) continue;
    const value = row[index]!;
    if (top.length === most && value <= row[top.at(-1)!]!) continue;
    let at = top.length;
    while (at > 0 && row[top[at - 1]!]! < value) at -= 1;
    top.splice(at, 0, index);
    if (top.length > most) top.pop();
  }
  return top;
}

function quantilesOf({ outputs }: Model): readonly number[] {
  return outputs.kind === 'quantiles' ? outputs.quantiles : [0.5];
}

function addTime(
  tally: TimeTally,
  model: Model,
  target: number,
  row: Float32Array,
  { mean, deviation }: Standardisation,
): void {
  const natural = (value: number) => value * (deviation === 0 ? 1 : deviation) + mean;
  const levels = Array.from(row, natural);
  const quantiles = quantilesOf(model);
  // The level nearest to the median stands for a point.
  const middle = quantiles.reduce(
    (best, level, at) => (Math.abs(level - 0.5) < Math.abs(quantiles[best]! - 0.5) ? at : best),
    0,
  );
  tally.add(natural(target), levels[middle]!, levels);
}
