import type {
  BandwidthRule,
  LatencyDensities,
  LatencyFacet,
  LatencySettings,
  LatencySetView,
} from '../../../src/protocol/latencyMessages.js';
import type { Rgb } from '../../common/colour.js';
import { formatCount, formatDuration, unknownText } from '../../common/format.js';
import type { Theme } from '../../common/theme.js';
import { drawnSets } from './latencyModel.js';

/** The name of a set where there is little room. */
export function setLetter(at: number): string {
  return at < 26 ? String.fromCharCode(65 + at) : `S${at + 1}`;
}

/** Dashes of the curves, px: labels differ by more than their colours. */
const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [14, 4]];

export interface Style {
  readonly colour: Rgb;
  readonly dash: readonly number[];
}

/** How the sets of a label are drawn. @param at place of the label among all labels */
export function styleOf(at: number, theme: Theme): Style {
  const colours = [theme.blue, theme.orange, theme.green, theme.purple, theme.red, theme.yellow];
  return { colour: colours[at % colours.length]!, dash: DASHES[at % DASHES.length]! };
}

/** `0.958`, `17.59`, `70.8`. */
export function formatRatio(ratio: number | null): string {
  if (ratio === null || !Number.isFinite(ratio)) return unknownText;
  if (ratio >= 1000) return ratio.toPrecision(4);
  return ratio.toFixed(ratio < 10 ? 3 : ratio < 100 ? 2 : 1);
}

export function formatInterval(interval: { readonly low: number; readonly high: number } | null): string {
  return interval === null ? unknownText : `${formatRatio(interval.low)} – ${formatRatio(interval.high)}`;
}

/** `0.051 decades`, `181 ns`. */
export function formatBandwidth(bandwidth: number, { axis }: LatencySettings): string {
  return axis === 'log' ? `${Number(bandwidth.toPrecision(2))} decades` : formatDuration(bandwidth);
}

/** `× 1`, `× 0.35`. */
export function formatFactor(factor: number): string {
  return `× ${Number(factor.toPrecision(2))}`;
}

export function facetName({ benchmark }: LatencyFacet): string {
  return benchmark === '' ? 'No benchmark named' : benchmark;
}

const RULES: Readonly<Record<BandwidthRule, string>> = {
  silverman: 'Silverman’s rule, 0.9 · min(σ, IQR / 1.34) · n^(−1/5)',
  'sheather-jones': 'the rule of Sheather and Jones (1991), which suits several peaks',
};

/** How the curves were made, in a few sentences. */
export function methodWords({ settings }: LatencyDensities): string {
  const { axis, rule, factor, beneath } = settings;
  const of = axis === 'log' ? 'the logarithm of the time' : 'the time, mirrored at 0';
  const below = {
    rug: ' Below stands a rug: at most 300 values of each set, evenly chosen by rank.',
    histogram: ' Below stands a histogram of each set, each as high as its own fullest bin.',
    nothing: '',
  }[beneath];
  return `Gaussian kernel density of ${of}; the area under each whole curve is 1. Bandwidth by ${RULES[rule]}, no narrower than the clock’s step${factor === 1 ? '' : `, ${formatFactor(factor)}`}. Solid lines are medians, dotted ones 99th percentiles, by nearest rank.${below}`;
}

/** A facet in words: the text alternative of its chart. */
export function describeFacet(facet: LatencyFacet, densities: LatencyDensities): string {
  const parts = drawnSets(facet, densities.sets).map(({ at, view }) => describeSet(at, view));
  return `Latency densities, ${facetName(facet)}. ${parts.join('. ')}.`;
}

function describeSet(at: number, { set, figures, curve }: LatencySetView): string {
  const density = curve?.density ?? [];
  const top = density.reduce((best, each, i) => (each > (density[best] ?? 0) ? i : best), 0);
  return `${setLetter(at)}, ${set.label}: ${formatCount(figures?.n ?? 0)} values, most often about ${formatDuration(curve?.ns[top] ?? 0)}, median ${formatDuration(figures?.p50Ns ?? 0)}, 99 % up to ${formatDuration(figures?.p99Ns ?? 0)}`;
}
