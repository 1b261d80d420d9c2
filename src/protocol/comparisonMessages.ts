/**
 * What the comparison of benchmark results asks of the host, and what it is told.
 *
 * A set is one kernel, machine or variant that was measured; `sets[0]` is the baseline. The shapes are what
 * `compareSets` in `src/remote/benchmarks/compare.ts` gives. What cannot be said is `null`.
 */

/** `neither`: a figure to look at, of which neither side is the good one. */
export type BetterDirection = 'lower' | 'higher' | 'neither';

/** An interval with the confidence that the comparison names. */
export interface ConfidenceInterval {
  readonly low: number;
  readonly high: number;
}

/** What was measured: a file, or one of several kernels, machines or variants in it. */
export interface ComparedSet {
  readonly label: string;
  readonly machine: string;
  /** `uname -r`; empty where the results do not tell. */
  readonly kernel: string;
  readonly variant: string | null;
  /** Path of the results file. */
  readonly path: string;
}

/** The repeats of one set for one metric. Failed repeats have no value and are counted apart. */
export interface SetFigures {
  readonly n: number;
  readonly failed: number;
  readonly mean: number | null;
  readonly median: number | null;
  /** With n − 1; null for fewer than two repeats. */
  readonly standardDeviation: number | null;
  readonly smallest: number | null;
  readonly largest: number | null;
  /** Of the mean (Student's t); null for fewer than two repeats. */
  readonly meanInterval: ConfidenceInterval | null;
  /** In the order in which they were measured. */
  readonly values: readonly number[];
}

/**
 * - `faster`, `slower`: of a metric with a good side; `higher`, `lower`: of one without
 * - `no difference`: none can be seen
 * - `no statement`: so few repeats that no difference could be seen however large, or none at all
 */
export type VerdictKind = 'faster' | 'slower' | 'higher' | 'lower' | 'no difference' | 'no statement';

export interface DifferenceTest {
  /** `exact`: all arrangements were tried; `sampled`: `arrangements` says how many there are, `tried` how many were drawn. */
  readonly kind: 'exact' | 'sampled';
  readonly p: number;
  /** After Holm's correction over all comparisons of the same family. */
  readonly adjustedP: number;
  /** Comparisons in the family. */
  readonly familySize: number;
  /** How many ways there are to deal the values to the two sets; may be beyond 2^53 and is then approximate. */
  readonly arrangements: number;
  readonly tried: number;
  /** The smallest p that these numbers of repeats can give, before the correction. */
  readonly smallestP: number;
}

/** One set against the baseline. Ratios are set / baseline, as measured: the direction of the metric is not applied. */
export interface PairComparison {
  /** Index in `sets`. */
  readonly set: number;
  readonly ratioOfMeans: number | null;
  readonly ratioOfMeansInterval: ConfidenceInterval | null;
  readonly ratioOfMedians: number | null;
  readonly ratioOfMediansInterval: ConfidenceInterval | null;
  /** Null for fewer than two repeats on either side. */
  readonly test: DifferenceTest | null;
  readonly verdict: VerdictKind;
  /** The smallest relative difference that would have been seen in four of five such measurements: 0.03 is 3 %. */
  readonly detectable: number | null;
  /** The verdict in a sentence, with what it rests on. */
  readonly words: string;
}

/** A density over the logarithm of the value; the area under it is 1 a decade. */
export interface ValueDensity {
  readonly set: number;
  readonly count: number;
  readonly mean: number;
  readonly at: readonly number[];
  readonly density: readonly number[];
}

export interface MetricComparison {
  readonly benchmark: string;
  /** `run_time`, `requests_per_second`. */
  readonly metric: string;
  readonly title: string;
  /** `s`, `ns`, `1/s`, `MB/s`; empty for a plain number. */
  readonly unit: string;
  readonly better: BetterDirection;
  /** The one metric of the benchmark on which its verdict rests. */
  readonly isPrimary: boolean;
  /** One a set, in the order of `sets`; null: the set has no such metric. */
  readonly sets: readonly (SetFigures | null)[];
  /** One for each set but the baseline. */
  readonly against: readonly PairComparison[];
  /** Of single values within runs, where the results have them: latencies. */
  readonly densities: readonly ValueDensity[];
}

/**
 * The benchmarks of one metric together. The three means answer different questions and are never to be mixed:
 * `ratioOfMeans` weighs a benchmark by its size, `meanOfRatios` and `geometricMeanOfRatios` weigh all alike.
 */
export interface OverallComparison {
  /** A metric's name; `primary`: the primary metrics of all benchmarks, turned so that below 1 is faster. */
  readonly metric: string;
  readonly title: string;
  readonly unit: string;
  readonly better: BetterDirection;
  readonly set: number;
  readonly benchmarks: readonly string[];
  /** Null where the units differ. */
  readonly ratioOfMeans: number | null;
  readonly meanOfRatios: number;
  readonly geometricMeanOfRatios: number;
  /** Of the geometric mean; null as soon as one benchmark was measured once only. */
  readonly geometricMeanInterval: ConfidenceInterval | null;
}

export interface ComparisonRemark {
  readonly severity: 'warning' | 'info';
  readonly text: string;
}

export interface BenchmarkComparison {
  /** 0.95 */
  readonly confidence: number;
  readonly resamples: number;
  readonly seed: number;
  /** The baseline first. */
  readonly sets: readonly ComparedSet[];
  /** By benchmark, its primary metric first. */
  readonly metrics: readonly MetricComparison[];
  readonly overall: readonly OverallComparison[];
  /** What to know before the numbers are used. */
  readonly remarks: readonly ComparisonRemark[];
}

export type ComparisonState =
  | { readonly kind: 'reading'; readonly names: readonly string[] }
  | { readonly kind: 'ready'; readonly comparison: BenchmarkComparison };

/** What the view may ask. */
export interface ComparisonRequests {
  comparisonState: { params: Record<string, never>; result: ComparisonState };
  /** Compares anew with this set first; the answer comes as `comparisonUpdated`. */
  setBaseline: { params: { readonly set: number }; result: null };
  /** Opens the results file of a set as text. */
  openResults: { params: { readonly set: number }; result: null };
  /** Asks the user for a file and writes all figures as CSV, one row a metric and set; null when the user gave up. */
  saveComparison: { params: Record<string, never>; result: { readonly path: string } | null };
}

/** What the view is told without asking: after `setBaseline`, and when a results file changed. */
export interface ComparisonEvents {
  comparisonUpdated: ComparisonState;
  failed: { readonly message: string };
}

/** What the view keeps with `setState` across hiding and reloads. */
export interface ComparisonViewState {
  /** Whether metrics other than the primary ones are shown. */
  readonly showsAllMetrics: boolean;
  /** `benchmark metric` of the row whose repeats are shown. */
  readonly chosen: string | null;
}
