import type { FileToSave } from './inspectionMessages.js';

/**
 * Latency densities: what a study file holds, what is worked out from it, and what the view asks of the host.
 *
 * A set is the latencies of one file, or of one part of it: one function, one kind of call, one distribution of benchmark
 * results. Sets of the same benchmark are drawn in one facet. Sets of one label belong together over the facets: a kernel,
 * a mode, a machine.
 */

export const LATENCY_UNITS = ['ns', 'us', 'ms', 's'] as const;
export type LatencyUnit = (typeof LATENCY_UNITS)[number];

export const DENSITY_AXES = ['log', 'linear'] as const;
export type DensityAxis = (typeof DENSITY_AXES)[number];

export const BANDWIDTH_RULES = ['silverman', 'sheather-jones'] as const;
export type BandwidthRule = (typeof BANDWIDTH_RULES)[number];

/** What stands below the curves. */
export const BENEATH = ['rug', 'histogram', 'nothing'] as const;
export type Beneath = (typeof BENEATH)[number];

/** The axis ends at this percentile of each set; curves and figures are of all values all the same. */
export const DENSITY_RANGES = ['all', 'p99.9', 'p99'] as const;
export type DensityRange = (typeof DENSITY_RANGES)[number];

export interface LatencySettings {
  readonly axis: DensityAxis;
  readonly rule: BandwidthRule;
  /** By which the bandwidth of the rule is multiplied, 0.1 … 10. */
  readonly factor: number;
  readonly beneath: Beneath;
  readonly range: DensityRange;
}

/** One set as the user arranged it. */
export interface LatencyStudySet {
  /** In a study file relative to it where it can be; else absolute. */
  readonly path: string;
  /** Which part of the file; empty: the part that stands for it. */
  readonly item: string;
  readonly label: string;
  /** Empty: none is named. */
  readonly benchmark: string;
  /** What measured it: `function_graph`, `bpftrace fentry`. Empty: not known. */
  readonly probe: string;
  /** Of the numbers in the file. */
  readonly unit: LatencyUnit;
}

export interface LatencyStudy {
  /** Label of the sets with which the others are compared. */
  readonly baseline: string;
  readonly sets: readonly LatencyStudySet[];
  readonly settings: LatencySettings;
}

/** Percentiles by nearest rank: values that occurred. */
export interface LatencyFigures {
  readonly n: number;
  readonly meanNs: number;
  readonly minNs: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

/** Against the baseline of the same benchmark: set / baseline. */
export interface LatencyRatios {
  /** Place of the baseline in `sets`. */
  readonly against: number;
  readonly ofMedians: number;
  /** Of the ratio of medians, by bootstrap; null for fewer than two values. */
  readonly ofMediansInterval: { readonly low: number; readonly high: number } | null;
  readonly ofMeans: number;
  readonly words: string;
}

/** A density over the axis: a decade on a logarithmic axis, a nanosecond on a linear one. The area under all of it is 1. */
export interface LatencyCurve {
  readonly ns: readonly number[];
  readonly density: readonly number[];
  /** Of the kernel: decades on a logarithmic axis, ns on a linear one. */
  readonly bandwidth: number;
  /** Share of the values that lie beyond the right end of the axis. */
  readonly beyond: number;
  /** Bins of equal width over the axis, as shares of all values. */
  readonly histogram: readonly number[];
  /** Some values, evenly chosen by their rank. */
  readonly rugNs: readonly number[];
}

/** A part of a file that can be chosen. */
export interface LatencyItem {
  readonly key: string;
  /** `can_migrate_task`, `forced calls`. */
  readonly name: string;
  readonly count: number;
}

export interface LatencySetView {
  readonly set: LatencyStudySet;
  /** Parts of its file, the shown one among them; empty when it could not be read. */
  readonly items: readonly LatencyItem[];
  /** What the file says of the machine; null: nothing. */
  readonly machine: string | null;
  /** Null: the file cannot be used, and `failure` says why. */
  readonly figures: LatencyFigures | null;
  readonly failure: string | null;
  readonly ratios: LatencyRatios | null;
  readonly curve: LatencyCurve | null;
}

export interface LatencyFacet {
  readonly benchmark: string;
  /** Places in `sets`. */
  readonly sets: readonly number[];
}

/** All benchmarks that two labels share. The two figures answer different questions and are never to be mixed. */
export interface LatencyOverall {
  readonly label: string;
  readonly benchmarks: readonly string[];
  /** Sum of means over sum of means of the baseline. */
  readonly ratioOfMeans: number;
  readonly meanOfRatios: number;
  readonly words: string;
}

export interface LatencyCaution {
  readonly severity: 'warning' | 'info';
  readonly text: string;
}

export interface LatencyDensities {
  readonly settings: LatencySettings;
  readonly baseline: string;
  readonly sets: readonly LatencySetView[];
  readonly facets: readonly LatencyFacet[];
  /** Ends of the axis that all facets share, ns; null: there is nothing to draw. */
  readonly axis: { readonly lowNs: number; readonly highNs: number } | null;
  readonly overall: readonly LatencyOverall[];
  readonly cautions: readonly LatencyCaution[];
  /** 0.95 */
  readonly confidence: number;
  readonly resamples: number;
  readonly seed: number;
}

export interface LatencyState {
  /** Rises with each change: an older answer that arrives late is dropped. */
  readonly version: number;
  readonly study: LatencyStudy;
  /** The study file; null: it was not saved yet. */
  readonly file: string | null;
  /** Something was changed since it was read or saved. */
  readonly isChanged: boolean;
  readonly densities: LatencyDensities;
}

export interface LatencySetChange {
  readonly set: number;
  readonly label?: string | undefined;
  readonly benchmark?: string | undefined;
  readonly probe?: string | undefined;
  readonly unit?: LatencyUnit | undefined;
  readonly item?: string | undefined;
}

/** What the view may ask. */
export interface LatencyRequests {
  latencyState: { params: Record<string, never>; result: LatencyState };
  /** Asks the user for files; the state as it is when the user gave up. */
  addFiles: { params: Record<string, never>; result: LatencyState };
  changeSet: { params: LatencySetChange; result: LatencyState };
  removeSet: { params: { readonly set: number }; result: LatencyState };
  setBaseline: { params: { readonly label: string }; result: LatencyState };
  changeSettings: { params: LatencySettings; result: LatencyState };
  /** Opens the file of a set as text. */
  openSource: { params: { readonly set: number }; result: null };
  /** Writes the study file, asking for a place when it has none. */
  saveStudy: { params: Record<string, never>; result: LatencyState };
  /** `null`: the user gave up. */
  saveFile: { params: FileToSave; result: { readonly path: string } | null };
}

/** What the view is told without asking: a file changed. */
export interface LatencyEvents {
  latencyUpdated: LatencyState;
}

/** What the view keeps with `setState`, so that the panel comes back after a reload. */
export interface LatencyMemory {
  readonly study: LatencyStudy;
  readonly file: string | null;
}
