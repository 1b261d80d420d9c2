/** Results files made by hand: what was measured elsewhere, or what a test needs. */
import { RESULTS_FORMAT, type BenchmarkResults } from '../../src/remote/benchmarks/results.js';

export interface MadeMetric {
  readonly name: string;
  readonly title?: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher' | 'neither';
}

/**
 * Results with one metric.
 * @param values by subject, then by benchmark; a null is a failed repeat
 */
export function madeResults(
  metric: MadeMetric,
  values: Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>,
): BenchmarkResults {
  const benchmarks = [...new Set(Object.values(values).flatMap((each) => Object.keys(each)))];
  return {
    format: RESULTS_FORMAT,
    version: 1,
    generator: '',
    createdAt: '',
    updatedAt: '',
    state: 'complete',
    suite: { name: 'made', digest: '', seed: 0, repeats: 0, warmUps: 0 },
    benchmarks: benchmarks.map((name) => ({
      name,
      title: '',
      command: name,
      timeLimitMs: null,
      primary: metric.name,
      metrics: [{ title: '', ...metric }],
    })),
    subjects: Object.keys(values).map((id) => ({
      id,
      label: id,
      machine: 'm',
      kernel: '',
      variant: null,
      facts: null,
    })),
    repeats: Object.entries(values).flatMap(([subject, each]) =>
      Object.entries(each).flatMap(([benchmark, list]) =>
        list.map((value, block) => ({
          subject,
          benchmark,
          phase: 'measured' as const,
          block,
          session: 1,
          startedAt: null,
          failure: value === null ? 'It broke.' : null,
          exitCode: null,
          values: value === null ? {} : { [metric.name]: value },
          timer: null,
          before: null,
          after: null,
          remarks: [],
        })),
      ),
    ),
    distributions: [],
  };
}

/** Means by benchmark, one run each, as printed tables have them. */
export function onceEach(
  benchmarks: readonly string[],
  means: readonly number[],
): Record<string, readonly number[]> {
  return Object.fromEntries(benchmarks.map((name, at) => [name, [means[at]!]]));
}

const PROGRAMS = ['hackbench', 'cassandra', 'compress-zstd', 'arrayfire', 'askap'];

/** Pinto Larrea's thesis, table 5.9: mean ns of can_migrate_task. */
export const TABLE_5_9 = madeResults(
  { name: 'can_migrate_task', title: 'duration of can_migrate_task', unit: 'ns', better: 'lower' },
  {
    'original kernel': onceEach(PROGRAMS, [669.02, 1578.89, 4871.05, 2051.96, 3743.49]),
    'with ML': onceEach(PROGRAMS, [47335.62, 43490.65, 67454.05, 31235.13, 37644.6]),
  },
);

/** Table 5.10: mean run time, s. */
export const TABLE_5_10 = madeResults(
  { name: 'run_time', title: 'run time', unit: 's', better: 'lower' },
  {
    original: onceEach(PROGRAMS, [16.59, 801.8, 385.6, 57, 432]),
    'with ML': onceEach(PROGRAMS, [16.19, 771.8, 384.8, 62.2, 431.2]),
    'with ML, deciding': onceEach(PROGRAMS, [15.78, 779, 388, 57.2, 432]),
  },
);
