/**
 * The comparison of result sets: the shapes. They are those of `src/protocol/comparisonMessages.ts`, whose comments
 * describe them, so that a comparison can be sent to the view as it is; a test holds both together.
 */

export type BetterDirection = 'lower' | 'higher' | 'neither';

export interface ConfidenceInterval {
  readonly low: number;
  readonly high: number;
}

export interface ComparedSet {
  readonly label: string;
  readonly machine: string;
  readonly kernel: string;
  readonly variant: string | null;
  readonly path: string;
}

export interface SetFigures {
  readonly n: number;
  readonly failed: number;
  readonly mean: number | null;
  readonly median: number | null;
  readonly standardDeviation: number | null;
  readonly smallest: number | null;
  readonly largest: number | null;
  readonly meanInterval: ConfidenceInterval | null;
  readonly values: readonly number[];
}

export type VerdictKind = 'faster' | 'slower' | 'higher' | 'lower' | 'no difference' | 'no statement';

export interface DifferenceTest {
  readonly kind: 'exact' | 'sampled';
  readonly p: number;
  readonly adjustedP: number;
  readonly familySize: number;
  readonly arrangements: number;
  readonly tried: number;
  readonly smallestP: number;
}

export interface PairComparison {
  readonly set: number;
  readonly ratioOfMeans: number | null;
  readonly ratioOfMeansInterval: ConfidenceInterval | null;
  readonly ratioOfMedians: number | null;
  readonly ratioOfMediansInterval: ConfidenceInterval | null;
  readonly test: DifferenceTest | null;
  readonly verdict: VerdictKind;
  readonly detectable: number | null;
  readonly words: string;
}

export interface ValueDensity {
  readonly set: number;
  readonly count: number;
  readonly mean: number;
  readonly at: readonly number[];
  readonly density: readonly number[];
}

export interface MetricComparison {
  readonly benchmark: string;
  readonly metric: string;
  readonly title: string;
  readonly unit: string;
  readonly better: BetterDirection;
  readonly isPrimary: boolean;
  readonly sets: readonly (SetFigures | null)[];
  readonly against: readonly PairComparison[];
  readonly densities: readonly ValueDensity[];
}

export interface OverallComparison {
  readonly metric: string;
  readonly title: string;
  readonly unit: string;
  readonly better: BetterDirection;
  readonly set: number;
  readonly benchmarks: readonly string[];
  readonly ratioOfMeans: number | null;
  readonly meanOfRatios: number;
  readonly geometricMeanOfRatios: number;
  readonly geometricMeanInterval: ConfidenceInterval | null;
}

export interface ComparisonRemark {
  readonly severity: 'warning' | 'info';
  readonly text: string;
}

export interface Comparison {
  readonly confidence: number;
  readonly resamples: number;
  readonly seed: number;
  readonly sets: readonly ComparedSet[];
  readonly metrics: readonly MetricComparison[];
  readonly overall: readonly OverallComparison[];
  readonly remarks: readonly ComparisonRemark[];
}
