import type { BenchmarkComparison, MetricComparison } from '../../../src/protocol/comparisonMessages.js';
import type { Notice } from '../../common/notices.js';
import { Signal } from '../../common/signal.js';

/** What the parts of the view share. Each part sets what its user does and follows what others set. */
export class ComparisonModel {
  readonly comparison = new Signal<BenchmarkComparison | null>(null);
  /** Why the results cannot be compared. */
  readonly failure = new Signal<string | null>(null);
  readonly showsAllMetrics = new Signal<boolean>(false);
  /** Key of the metric whose repeats are shown. */
  readonly chosen = new Signal<string | null>(null);
  readonly announcement = new Signal<string>('');
  readonly notice = new Signal<Notice | null>(null);

  /** The metrics to show, in order. */
  get metrics(): readonly MetricComparison[] {
    const all = this.comparison.value?.metrics ?? [];
    return this.showsAllMetrics.value ? all : all.filter(({ isPrimary }) => isPrimary);
  }

  /** The chosen metric, or the first one when none is chosen or shown. */
  get chosenMetric(): MetricComparison | undefined {
    return this.metrics.find((metric) => metricKey(metric) === this.chosen.value) ?? this.metrics[0];
  }
}

export function metricKey({ benchmark, metric }: Pick<MetricComparison, 'benchmark' | 'metric'>): string {
  return `${benchmark} ${metric}`;
}

/** `build`, or `build: user time` for a metric beside the primary one. */
export function metricLabel({ benchmark, title, isPrimary }: MetricComparison): string {
  return isPrimary ? benchmark : `${benchmark}: ${title}`;
}
