import { UNKNOWN } from '../../dataset/sequences.js';
import { IDLE } from '../../dataset/vocabulary.js';
import {
  SLICES,
  type BaselineScores,
  type NextTaskScores,
  type SliceName,
  type TaskGroup,
  type TaskScores,
  type TaskSlice,
} from '../../protocol/evaluation.js';
import type { BlockBootstrap, Ratio } from './blockBootstrap.js';

/** What was answered to each event that was asked about. */
export interface TaskAnswers {
  /** 0: no answer. */
  readonly guess: Int32Array;
  /** Of the target among the answers; 0: it is UNK, or not among them. */
  readonly rank: Uint32Array;
  /** ln of the probability of the target, NaN where that is UNK; `null`: it gives no probabilities. */
  readonly logProbability: Float64Array | null;
}

export interface TaskTruth {
  readonly target: Int32Array;
  /** 0, 1, or 255 where it is not told. */
  readonly contested: Uint8Array;
}

interface Named {
  readonly name: string;
  readonly answers: TaskAnswers;
}

/** Scores of a model and of baselines on the same events, all by one bootstrap. */
export class TaskScoring {
  readonly #model: Values;
  readonly #baselines: readonly { readonly name: string; readonly values: Values }[];
  readonly #isKnown: Uint8Array;

  constructor(
    private readonly truth: TaskTruth,
    model: TaskAnswers,
    baselines: readonly Named[],
    private readonly bootstrap: BlockBootstrap,
  ) {
    this.#model = valuesOf(model);
    this.#baselines = baselines.map(({ name, answers }) => ({ name, values: valuesOf(answers) }));
    this.#isKnown = Uint8Array.from(truth.target, (target) => (target === UNKNOWN ? 0 : 1));
  }

  /** The slices that have events, `contested` only where it is told. */
  slices(): TaskSlice[] {
    return SLICES.map((slice) => ({ slice, weights: weightsOf(slice, this.truth) }))
      .filter(({ weights }) => weights.includes(1))
      .map(({ slice, weights }) => this.#slice(slice, weights));
  }

  /** Top-1 of the events of a group, beside the baselines. */
  group(name: string, category: string | null, isIn: Uint8Array): TaskGroup {
    const isBusy = isIn.map((each, at) => (each === 1 && this.truth.target[at] !== IDLE ? 1 : 0));
    const model = this.bootstrap.ratio(this.#model.top1, isIn);
    return {
      ...{ name, category, targets: countOf(isIn) },
      model: model.estimate(),
      withoutIdle: isBusy.includes(1) ? meanOf(this.#model.top1, isBusy) : null,
      baselines: this.#baselines.map(({ name: of, values }) => {
        const own = this.bootstrap.ratio(values.top1, isIn);
        return { name: of, top1: own.value, difference: model.less(own) };
      }),
    };
  }

  #slice(slice: SliceName, weights: Uint8Array): TaskSlice {
    const known = weights.map((weight, at) => weight & this.#isKnown[at]!);
    const model = this.#ratios(this.#model, weights, known);
    return {
      slice,
      targets: countOf(weights),
      model: scoresOf(model),
      baselines: this.#baselines.map(({ name, values }): BaselineScores => {
        const own = this.#ratios(values, weights, known);
        return { name, scores: scoresOf(own), difference: differenceOf(model, own) };
      }),
    };
  }

  #ratios({ top1, top3, reciprocal, loss }: Values, weights: Uint8Array, known: Uint8Array): Ratios {
    return {
      top1: this.bootstrap.ratio(top1, weights),
      top3: this.bootstrap.ratio(top3, weights),
      mrr: this.bootstrap.ratio(reciprocal, weights),
      logLoss: loss === null || !known.includes(1) ? null : this.bootstrap.ratio(loss, known),
    };
  }
}

/** Precision, recall and F1 of each task that came or was predicted, the most frequent first. UNK is no task. */
export function taskTable(
  target: Int32Array,
  guess: Int32Array,
  taskNames: readonly string[],
): readonly TaskScores[] {
  const support = new Uint32Array(taskNames.length);
  const predicted = new Uint32Array(taskNames.length);
  const right = new Uint32Array(taskNames.length);
  for (let at = 0; at < target.length; at += 1) {
    support[target[at]!]! += 1;
    predicted[guess[at]!]! += 1;
    if (target[at] === guess[at]) right[target[at]!]! += 1;
  }
  return taskNames
    .map((task, index) => {
      const [hits, came, named] = [right[index]!, support[index]!, predicted[index]!];
      return {
        ...{ task, index, support: came, predicted: named },
        precision: named === 0 ? null : hits / named,
        recall: came === 0 ? null : hits / came,
        f1: came + named === 0 ? null : (2 * hits) / (came + named),
      };
    })
    .filter(({ index, f1 }) => index !== UNKNOWN && f1 !== null)
    .sort((a, b) => b.support - a.support || b.predicted - a.predicted || a.index - b.index);
}

/** Values of each event, whose means are the scores. */
interface Values {
  readonly top1: Uint8Array;
  readonly top3: Uint8Array;
  readonly reciprocal: Float64Array;
  readonly loss: Float64Array | null;
}

function valuesOf({ rank, logProbability }: TaskAnswers): Values {
  return {
    top1: Uint8Array.from(rank, (each) => (each === 1 ? 1 : 0)),
    top3: Uint8Array.from(rank, (each) => (each >= 1 && each <= 3 ? 1 : 0)),
    reciprocal: Float64Array.from(rank, (each) => (each === 0 ? 0 : 1 / each)),
    loss: logProbability?.map((each) => -each) ?? null,
  };
}

interface Ratios {
  readonly top1: Ratio;
  readonly top3: Ratio;
  readonly mrr: Ratio;
  readonly logLoss: Ratio | null;
}

function scoresOf({ top1, top3, mrr, logLoss }: Ratios): NextTaskScores {
  return {
    top1: top1.estimate(),
    top3: top3.estimate(),
    mrr: mrr.estimate(),
    logLoss: logLoss?.estimate() ?? null,
  };
}

function differenceOf(model: Ratios, baseline: Ratios): NextTaskScores {
  return {
    top1: model.top1.less(baseline.top1),
    top3: model.top3.less(baseline.top3),
    mrr: model.mrr.less(baseline.mrr),
    logLoss:
      model.logLoss === null || baseline.logLoss === null ? null : model.logLoss.less(baseline.logLoss),
  };
}

/** 1 for the events of a slice. */
export function weightsOf(slice: SliceName, { target, contested }: TaskTruth): Uint8Array {
  switch (slice) {
    case 'all':
      return new Uint8Array(target.length).fill(1);
    case 'withoutIdle':
      return Uint8Array.from(target, (each) => (each === IDLE ? 0 : 1));
    case 'contested':
      return contested.map((each) => (each === 1 ? 1 : 0));
    case 'knownOnly':
      return Uint8Array.from(target, (each) => (each === UNKNOWN ? 0 : 1));
  }
}

function countOf(weights: Uint8Array): number {
  return weights.reduce((sum, each) => sum + each, 0);
}

function meanOf(values: Uint8Array, weights: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += values[at]! * weights[at]!;
  return sum / countOf(weights);
}
