import type { Standardisation } from '../../dataset/sequences.js';
import { UNKNOWN } from '../../dataset/sequences.js';
import { IDLE } from '../../dataset/vocabulary.js';
import type { Model } from '../models/model.js';
import { evaluationBatches } from '../trainer/trainingData.js';
import { BATCH_SIZE, type EvaluatedPart } from './evaluatedPart.js';
import type { TaskAnswers } from './taskScores.js';

/**
 * How probabilities are made of the outputs: by the softmax of logits; or, of a model that was trained by squared error on
 * columns of 0 and 1, as their shares of the sum, what is below 0 cut off.
 */
export type Reading = 'softmax' | 'shares';

export interface AskOptions {
  readonly model: Model;
  readonly part: EvaluatedPart;
  /** Called for each batch: lets messages in, tells how far it is (0 … 1), and may throw to end the work. */
  readonly breathe: (share: number) => Promise<void>;
}

/** What a model says of the next tasks of a part. */
export interface ModelAnswers extends TaskAnswers {
  /** Probability of the guess. */
  readonly confidence: Float64Array;
  /** Of the target; NaN where that is UNK. */
  readonly probability: Float64Array;
}

/**
 * Asks a next-task model about the events of a part. UNK is no answer: its column is left out of ranks and of the softmax,
 * which is in float64. @param aliased UNK and idle are one answer, whose probability is that of both
 */
export async function askTaskModel(
  options: AskOptions,
  reading: Reading,
  aliased: boolean,
): Promise<ModelAnswers> {
  const { part } = options;
  const count = part.rows.length;
  const guess = new Int32Array(count);
  const rank = new Uint32Array(count);
  const confidence = new Float64Array(count);
  const probability = new Float64Array(count);
  const logProbability = new Float64Array(count);
  await eachOutput(options, (at, row) => {
    const target = part.stored.task[part.rows[at]!]!;
    const columns = aliased ? withIdleJoined(row) : row;
    const answer = likeliest(columns);
    guess[at] = answer;
    const toLog = logProbabilities(columns, reading);
    confidence[at] = Math.exp(toLog(answer));
    if (target === UNKNOWN) {
      [rank[at], probability[at], logProbability[at]] = [0, NaN, NaN];
      return;
    }
    rank[at] = rankOf(columns, target);
    logProbability[at] = toLog(target);
    probability[at] = Math.exp(logProbability[at]);
  });
  // Cut off at 0, shares say that something is impossible, which no likelihood survives.
  const isLikelihood = reading === 'softmax';
  return { guess, rank, confidence, probability, logProbability: isLikelihood ? logProbability : null };
}

/** Asks a model of times: [targets · outputs] of ln(1 + ns), the outputs of an event side by side. */
export async function askTimeModel(
  options: AskOptions,
  { mean, deviation }: Standardisation,
): Promise<Float64Array> {
  const { model, part } = options;
  const width = model.outputs.kind === 'quantiles' ? model.outputs.quantiles.length : 1;
  const found = new Float64Array(part.rows.length * width);
  const factor = deviation === 0 ? 1 : deviation;
  await eachOutput(options, (at, row) => {
    for (let column = 0; column < width; column += 1) {
      found[at * width + column] = row[column]! * factor + mean;
    }
  });
  return found;
}

async function eachOutput(
  { model, part, breathe }: AskOptions,
  visit: (at: number, row: Float32Array) => void,
): Promise<void> {
  let at = 0;
  for (const { batch } of evaluationBatches(part.windows, BATCH_SIZE, part.maxTargets)) {
    const predicted = model.predict(batch);
    const width = predicted.length / batch.size;
    for (let window = 0; window < batch.size; window += 1) {
      visit(at, predicted.subarray(window * width, (window + 1) * width));
      at += 1;
    }
    await breathe(at / part.rows.length);
  }
}

/** The largest column but that of UNK; of equal ones the first. */
function likeliest(row: Float32Array): number {
  let best = UNKNOWN + 1;
  for (let task = best + 1; task < row.length; task += 1) if (row[task]! > row[best]!) best = task;
  return best;
}

/** 1 for the answer that `likeliest` gives. */
function rankOf(row: Float32Array, target: number): number {
  const value = row[target]!;
  let rank = 1;
  for (let task = UNKNOWN + 1; task < row.length; task += 1) {
    if (row[task]! > value || (row[task]! === value && task < target)) rank += 1;
  }
  return rank;
}

/** ln of the probability of a task, as a function of it. */
export function logProbabilities(row: Float32Array, reading: Reading): (task: number) => number {
  if (reading === 'shares') {
    let sum = 0;
    for (let task = UNKNOWN + 1; task < row.length; task += 1) sum += Math.max(0, row[task]!);
    // Where nothing is above 0, nothing is told.
    if (sum === 0) return () => -Math.log(row.length - 1);
    return (task) => Math.log(Math.max(0, row[task]!) / sum);
  }
  const greatest = row[likeliest(row)]!;
  let sum = 0;
  for (let task = UNKNOWN + 1; task < row.length; task += 1) sum += Math.exp(row[task]! - greatest);
  const logSum = Math.log(sum) + greatest;
  return (task) => row[task]! - logSum;
}

/** The logit of idle such that its probability is that of idle and UNK. */
function withIdleJoined(row: Float32Array): Float32Array {
  const joined = row.slice();
  const [unknown, idle] = [row[UNKNOWN]!, row[IDLE]!];
  const greater = Math.max(unknown, idle);
  joined[IDLE] = greater + Math.log1p(Math.exp(Math.min(unknown, idle) - greater));
  return joined;
}
