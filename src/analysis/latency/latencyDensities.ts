import type {
  LatencyCurve,
  LatencyDensities,
  LatencyFacet,
  LatencyItem,
  LatencyOverall,
  LatencyRatios,
  LatencySetView,
  LatencyStudy,
  LatencyStudySet,
} from '../../protocol/latencyMessages.js';
import { NS_PER } from '../../trace/latency/latencyUnit.js';
import { cautionsOf } from './latencyCautions.js';
import { axisOf, curveOf } from './latencyCurve.js';
import { figuresOf, formatRatio, ratiosOf } from './latencyFigures.js';
import type { LatencyFile } from './latencyFile.js';
import type { LoadedSet, MeasuredSet } from './measuredSet.js';

/** The same files give the same intervals each time. */
const SEED = 1;
const RESAMPLES = 4000;
const CONFIDENCE = 0.95;

/** All that is shown of a study: figures, ratios to the baseline of the same benchmark, densities over one axis. */
export function latencyDensities(study: LatencyStudy, loaded: readonly LoadedSet[]): LatencyDensities {
  const measured = loaded.map((each, at) => measure(each, at));
  const sets = measured.flatMap((each) => (each instanceof Error ? [] : [each]));
  const facets = facetsOf(loaded.map(({ set }) => set));
  const { settings, baseline } = study;
  const axis = axisOf(
    sets.map(({ sorted }) => sorted),
    settings,
  );
  const views = loaded.map((each, at) => {
    const own = measured[at]!;
    if (own instanceof Error) return unusable(each, own);
    const ratios = ratiosToBaseline(own, sets, facets, baseline);
    return viewOf(own, ratios, axis === null ? null : curveOf(own.sorted, axis));
  });
  const log = settings.axis === 'log';
  return {
    settings,
    baseline,
    sets: views,
    facets,
    axis:
      axis === null
        ? null
        : { lowNs: log ? 10 ** axis.low : axis.low, highNs: log ? 10 ** axis.high : axis.high },
    overall: overallOf(sets, facets, baseline),
    cautions: cautionsOf(sets, facets, views),
    confidence: CONFIDENCE,
    resamples: RESAMPLES,
    seed: SEED,
  };
}

function unusable({ set, file }: LoadedSet, error: Error): LatencySetView {
  const items = file instanceof Error ? [] : itemsOf(file);
  return { set, items, machine: null, figures: null, failure: error.message, ratios: null, curve: null };
}

function viewOf(
  { set, file, part, figures }: MeasuredSet,
  ratios: LatencyRatios | null,
  curve: LatencyCurve | null,
): LatencySetView {
  const machine = part.told?.machine ?? file.told.machine ?? null;
  return { set, items: itemsOf(file), machine, figures, failure: null, ratios, curve };
}

function itemsOf({ parts }: LatencyFile): LatencyItem[] {
  return parts.map(({ key, name, count }) => ({ key, name, count }));
}

/** The part of the file that the set names, with its values in ns; else what is wrong. */
function measure({ set, file }: LoadedSet, at: number): MeasuredSet | Error {
  if (file instanceof Error) return file;
  const part = set.item === '' ? file.parts[0] : file.parts.find(({ key }) => key === set.item);
  if (part === undefined) {
    return new Error(`${file.path} has no "${set.item}" (any more). Choose another part of it.`);
  }
  const scale = NS_PER[set.unit];
  const values = part.values();
  const sorted = scale === 1 ? values : values.map((value) => value * scale);
  return { at, set, file, part, sorted, figures: figuresOf(sorted), label: set.label };
}

/** By benchmark, in the order in which the benchmarks come first. */
function facetsOf(sets: readonly LatencyStudySet[]): LatencyFacet[] {
  const byBenchmark = new Map<string, number[]>();
  for (const [at, { benchmark }] of sets.entries()) {
    byBenchmark.set(benchmark, [...(byBenchmark.get(benchmark) ?? []), at]);
  }
  return [...byBenchmark].map(([benchmark, places]) => ({ benchmark, sets: places }));
}

/** The first set of a facet that has the baseline's label. */
function baselineOf(
  facet: LatencyFacet,
  sets: readonly MeasuredSet[],
  baseline: string,
): MeasuredSet | undefined {
  return sets.find(({ at, label }) => facet.sets.includes(at) && label === baseline);
}

function ratiosToBaseline(
  own: MeasuredSet,
  sets: readonly MeasuredSet[],
  facets: readonly LatencyFacet[],
  baseline: string,
): LatencyRatios | null {
  const facet = facets.find((each) => each.sets.includes(own.at))!;
  const against = baselineOf(facet, sets, baseline);
  if (against === undefined || against === own) return null;
  return ratiosOf(against, own, against.at, { seed: SEED, resamples: RESAMPLES, confidence: CONFIDENCE });
}

/** Of labels that share two benchmarks or more with the baseline. */
function overallOf(
  sets: readonly MeasuredSet[],
  facets: readonly LatencyFacet[],
  baseline: string,
): LatencyOverall[] {
  const labels = new Set(sets.map(({ label }) => label).filter((label) => label !== baseline));
  return [...labels].flatMap((label) => {
    const pairs = facets.flatMap((facet) => {
      const [below, above] = [baselineOf(facet, sets, baseline), baselineOf(facet, sets, label)];
      return below === undefined || above === undefined || !(below.figures.meanNs > 0)
        ? []
        : [{ benchmark: facet.benchmark, below: below.figures.meanNs, above: above.figures.meanNs }];
    });
    return pairs.length < 2 ? [] : [together(label, baseline, pairs)];
  });
}

function together(
  label: string,
  baseline: string,
  pairs: readonly { readonly benchmark: string; readonly below: number; readonly above: number }[],
): LatencyOverall {
  const sum = (side: 'below' | 'above') => pairs.reduce((total, pair) => total + pair[side], 0);
  const ratioOfMeans = sum('above') / sum('below');
  const meanOfRatios = pairs.reduce((total, { below, above }) => total + above / below, 0) / pairs.length;
  return {
    label,
    benchmarks: pairs.map(({ benchmark }) => benchmark),
    ratioOfMeans,
    meanOfRatios,
    words: `Over ${pairs.length} benchmarks the means of ${label} add up to ${formatRatio(ratioOfMeans)} times those of ${baseline}; the mean of their ratios is ${formatRatio(meanOfRatios)}.`,
  };
}
