import { expandedTail, percentiles, resample, type BootstrapOptions } from './bootstrap.js';
import type {
  BetterDirection,
  MetricComparison,
  OverallComparison,
  SetFigures,
} from '../../protocol/comparisonMessages.js';
import { seedFrom, SeededRandom } from '../../base/seededRandom.js';
import { mean } from './statistics.js';

interface Member {
  readonly benchmark: string;
  readonly baseline: SetFigures;
  readonly other: SetFigures;
  /** Turned: baseline / other, as more is better. */
  readonly isTurned: boolean;
}

interface Group {
  readonly metric: string;
  readonly title: string;
  readonly unit: string | null;
  readonly better: BetterDirection;
  readonly rows: readonly MetricComparison[];
}

/**
 * Metrics that several benchmarks share, and their primary metrics together: the ratio of means, the mean of ratios and
 * the geometric mean of ratios, each by its name. The last is the only one that does not depend on which side is called
 * the baseline (Fleming and Wallace, "How not to lie with statistics", CACM 29, 1986).
 */
export function compareOverall(
  metrics: readonly MetricComparison[],
  options: BootstrapOptions,
): OverallComparison[] {
  const setCount = metrics[0]?.sets.length ?? 0;
  const others = Array.from({ length: Math.max(0, setCount - 1) }, (_unused, at) => at + 1);
  return groups(metrics).flatMap((group) =>
    others.flatMap((set) => {
      const members = group.rows.flatMap((row) => memberOf(row, set, group.metric === 'primary'));
      return members.length < 2 ? [] : [summarise(group, set, members, options)];
    }),
  );
}

function groups(metrics: readonly MetricComparison[]): Group[] {
  const byMetric = new Map<string, MetricComparison[]>();
  for (const row of metrics) {
    const key = [row.metric, row.unit, row.better].join('\0');
    byMetric.set(key, [...(byMetric.get(key) ?? []), row]);
  }
  const primaries = metrics.filter(({ isPrimary, better }) => isPrimary && better !== 'neither');
  const single = [...byMetric.values()].filter((rows) => rows.length > 1 && rows[0]!.better !== 'neither');
  const isSame = single.some(
    (rows) => rows.length === primaries.length && rows.every((row) => row.isPrimary),
  );
  const together: Group = {
    metric: 'primary',
    title: 'primary metrics, below 1 is faster',
    unit: null,
    better: 'lower',
    rows: primaries,
  };
  const named = single.map((rows): Group => {
    const { metric, title, unit, better } = rows[0]!;
    return { metric, title, unit, better, rows };
  });
  return isSame ? named : [together, ...named];
}

function memberOf(row: MetricComparison, set: number, turns: boolean): Member[] {
  const baseline = row.sets[0] ?? null;
  const other = row.sets[set] ?? null;
  if (baseline === null || other === null) return [];
  if (!((baseline.mean ?? 0) > 0 && (other.mean ?? 0) > 0)) return [];
  return [{ benchmark: row.benchmark, baseline, other, isTurned: turns && row.better === 'higher' }];
}

function summarise(
  group: Group,
  set: number,
  members: readonly Member[],
  options: BootstrapOptions,
): OverallComparison {
  const ratios = members.map(({ baseline, other, isTurned }) =>
    isTurned ? baseline.mean! / other.mean! : other.mean! / baseline.mean!,
  );
  const sumOf = (side: 'baseline' | 'other') =>
    members.reduce((sum, member) => sum + (member[side].mean ?? 0), 0);
  return {
    metric: group.metric,
    title: group.title,
    unit: group.unit ?? '',
    better: group.better,
    set,
    benchmarks: members.map(({ benchmark }) => benchmark),
    ratioOfMeans: group.unit === null ? null : sumOf('other') / sumOf('baseline'),
    meanOfRatios: mean(ratios),
    geometricMeanOfRatios: Math.exp(mean(ratios.map(Math.log))),
    geometricMeanInterval: geometricMeanInterval(members, {
      ...options,
      seed: seedFrom(options.seed, 'overall', group.metric, set),
    }),
  };
}

/** All benchmarks drawn anew, each by itself. */
function geometricMeanInterval(members: readonly Member[], options: BootstrapOptions) {
  const samples = members.flatMap(({ baseline, other }) => [baseline.values, other.values]);
  if (samples.some((values) => values.length < 2)) return null;
  const random = new SeededRandom(options.seed);
  const drawn = samples.map((values) => new Float64Array(values.length));
  const means = new Float64Array(options.resamples);
  for (let at = 0; at < options.resamples; at += 1) {
    let sum = 0;
    for (const [index, { isTurned }] of members.entries()) {
      const [below, above] = [drawn[2 * index]!, drawn[2 * index + 1]!];
      resample(samples[2 * index]!, below, random);
      resample(samples[2 * index + 1]!, above, random);
      sum += (isTurned ? -1 : 1) * Math.log(mean(above) / mean(below));
    }
    means[at] = Math.exp(sum / members.length);
  }
  return percentiles(means, expandedTail(samples, options.confidence));
}
