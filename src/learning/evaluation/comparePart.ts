import { setImmediate } from 'node:timers/promises';
import { Failure } from '../../base/errors.js';
import { UNKNOWN } from '../../dataset/sequences.js';
import { SLICES, type SliceName } from '../../protocol/evaluation.js';
import type {
  ComparedMetric,
  ComparedMetricId,
  ComparedPart,
  ComparedSlice,
  ComparedWorkload,
  PairedDifference,
} from '../../protocol/modelComparisonMessages.js';
import { BlockBootstrap, blockLength, type Ratio } from './blockBootstrap.js';
import type { EvaluatedEvents } from './evaluatedEvents.js';
import { matchedEvents, type AskedPart } from './matchedEvents.js';
import { mcNemar, signFlipTest } from './pairedTest.js';
import { weightsOf } from './taskScores.js';

/** A figure of each run on the matched events: its mean over them is compared. */
interface Measure {
  readonly metric: ComparedMetricId;
  readonly better: 'higher' | 'lower';
  /** One column a run. */
  readonly values: readonly Float64Array[];
  /** Known targets only: what is not in the vocabulary has no probability. */
  readonly ofKnown: boolean;
}

/**
 * One part: what each run came to on the events that all were asked about, and how it differs from the first. Blocks are as long
 * as the series that depends longest on its past wants them: the runs' own, or their differences.
 * @returns `null` when they have no event in common
 * Failures: those of `matchedEvents`; `cancelled`.
 */
export async function comparePart(
  part: string,
  asked: readonly AskedPart[],
  seed: number,
  signal?: AbortSignal,
): Promise<ComparedPart | null> {
  const matched = matchedEvents(asked);
  const events = matched[0]!.length;
  if (events === 0) return null;
  const first = asked[0]!;
  const common = commonColumns(first, matched[0]!);
  const measures = measuresOf(
    asked.map(({ events: of }) => of),
    matched,
  );
  const bootstrap = new BlockBootstrap(common.recording, longestBlocks(measures[0]!, common.recording), seed);
  const comparison = new Comparison(bootstrap, measures, common.isKnown, seed);
  const breathe = async () => {
    if (signal?.aborted === true) throw new Failure('cancelled', 'The comparison was cancelled.');
    await setImmediate();
  };
  const slices: ComparedSlice[] = [];
  for (const { slice, weights } of slicesOf(first.events.task, common)) {
    slices.push({ slice, events: countOf(weights), metrics: comparison.metrics(weights) });
    await breathe();
  }
  const byWorkload: ComparedWorkload[] = [];
  for (const { workload, category, weights } of workloadsOf(first, common.recording)) {
    byWorkload.push({
      ...{ workload, category },
      events: countOf(weights),
      metric: comparison.metric(measures[0]!, weights),
    });
    await breathe();
  }
  return {
    ...{ part, events, slices, byWorkload },
    ofEvents: asked.map(({ events: { count } }) => count),
    blockEvents: bootstrap.blockEvents,
    blocks: bootstrap.blocks,
  };
}

interface CommonColumns {
  readonly recording: Uint32Array;
  readonly target: Int32Array;
  readonly contested: Uint8Array;
  readonly isKnown: Uint8Array;
}

function commonColumns({ events }: AskedPart, places: Uint32Array): CommonColumns {
  const target = Int32Array.from(places, (place) => events.target[place]!);
  return {
    recording: places.map((place) => events.recording[place]!),
    target,
    contested: Uint8Array.from(places, (place) => events.contested[place]!),
    isKnown: Uint8Array.from(target, (each) => (each === UNKNOWN ? 0 : 1)),
  };
}

/** The main one first. */
function measuresOf(runs: readonly EvaluatedEvents[], matched: readonly Uint32Array[]): Measure[] {
  const measure = (
    metric: ComparedMetricId,
    better: Measure['better'],
    valueOf: (events: EvaluatedEvents, place: number) => number,
    ofKnown = false,
  ): Measure => {
    const values = runs.map((events, run) =>
      Float64Array.from(matched[run]!, (place) => valueOf(events, place)),
    );
    return { metric, better, values, ofKnown };
  };
  if (runs[0]!.task === 'inter-arrival') {
    const error = (events: EvaluatedEvents, at: number) =>
      events.task === 'inter-arrival' ? Math.abs(events.targetLog[at]! - events.guessLog[at]!) : NaN;
    return [measure('logMae', 'lower', error)];
  }
  const rank = (events: EvaluatedEvents, at: number) => (events.task === 'next-task' ? events.rank[at]! : 0);
  // A probability too small for a float64 is no certainty that it cannot be.
  const loss = (events: EvaluatedEvents, at: number) =>
    events.task === 'next-task' ? -Math.log(Math.max(events.probability[at]!, Number.MIN_VALUE)) : NaN;
  return [
    measure('top1', 'higher', (events, at) => Number(rank(events, at) === 1)),
    measure('top3', 'higher', (events, at) => Number(rank(events, at) >= 1 && rank(events, at) <= 3)),
    measure('mrr', 'higher', (events, at) => (rank(events, at) === 0 ? 0 : 1 / rank(events, at))),
    measure('logLoss', 'lower', loss, true),
  ];
}

function longestBlocks({ values }: Measure, recording: Uint32Array): number {
  const [first, ...others] = values;
  const differences = others.map((other) => other.map((value, at) => value - first![at]!));
  return Math.max(...[...values, ...differences].map((series) => blockLength(series, recording)));
}

function slicesOf(
  task: EvaluatedEvents['task'],
  common: CommonColumns,
): { readonly slice: SliceName; readonly weights: Uint8Array }[] {
  const slices = task === 'next-task' ? SLICES : (['all'] as const);
  return slices
    .map((slice) => ({ slice, weights: weightsOf(slice, common) }))
    .filter(({ weights }) => weights.includes(1));
}

function workloadsOf({ evaluation: { recordings } }: AskedPart, recording: Uint32Array) {
  const occurring = new Set(recording);
  const present = recordings.filter((_, at) => occurring.has(at));
  return [...new Set(present.map(({ workload }) => workload))].sort().map((workload) => {
    const categories = new Set(
      present.filter((each) => each.workload === workload).map((each) => each.category),
    );
    return {
      workload,
      category: categories.size === 1 ? [...categories][0]! : null,
      weights: Uint8Array.from(recording, (each) => (recordings[each]!.workload === workload ? 1 : 0)),
    };
  });
}

/** All by the draws of one bootstrap, so that differences are paired. */
class Comparison {
  constructor(
    private readonly bootstrap: BlockBootstrap,
    private readonly measures: readonly Measure[],
    private readonly isKnown: Uint8Array,
    private readonly seed: number,
  ) {}

  /** Those that have events; of a slice without known targets there is no log loss. */
  metrics(weights: Uint8Array): ComparedMetric[] {
    return this.measures.flatMap((measure) => {
      const used = measure.ofKnown ? weights.map((weight, at) => weight & this.isKnown[at]!) : weights;
      return used.includes(1) ? [this.metric(measure, used)] : [];
    });
  }

  metric({ metric, better, values }: Measure, weights: Uint8Array): ComparedMetric {
    const ratios = values.map((column) => this.bootstrap.ratio(column, weights));
    const differences = values
      .slice(1)
      .map((_, at) => this.#difference(metric, values, ratios, at + 1, weights));
    return { metric, better, values: ratios.map((ratio) => ratio.estimate()), differences };
  }

  #difference(
    metric: ComparedMetricId,
    values: readonly Float64Array[],
    ratios: readonly Ratio[],
    run: number,
    weights: Uint8Array,
  ): PairedDifference {
    const [first, other] = [values[0]!, values[run]!];
    const apart = other.map((value, at) => value - first[at]!);
    return {
      run,
      difference: ratios[run]!.less(ratios[0]!),
      test: signFlipTest(this.#told(apart, weights), this.seed),
      mcnemar: metric === 'top1' ? discordant(first, other, weights) : null,
    };
  }

  /** Sums of the blocks that have an event with a weight: others cannot be turned. */
  #told(values: Float64Array, weights: Uint8Array): Float64Array {
    const counts = this.bootstrap.sums(weights, weights);
    return this.bootstrap.sums(values, weights).filter((_, block) => counts[block]! > 0);
  }
}

function discordant(first: Float64Array, other: Float64Array, weights: Uint8Array) {
  let [onlyFirst, onlyThis] = [0, 0];
  for (let at = 0; at < weights.length; at += 1) {
    if (weights[at] === 0 || first[at] === other[at]) continue;
    if (first[at] === 1) onlyFirst += 1;
    else onlyThis += 1;
  }
  return { onlyFirst, onlyThis, midP: mcNemar(onlyFirst, onlyThis).midP };
}

function countOf(weights: Uint8Array): number {
  return weights.reduce((sum, each) => sum + each, 0);
}
