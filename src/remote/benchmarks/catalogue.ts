import {
  DEFAULT_VARIANT,
  outputMetric,
  timeMetrics,
  type Benchmark,
  type BenchmarkProgram,
  type Better,
  type Metric,
  type Suite,
} from './suite.js';

/** The built-in benchmarks; parameters as in the workloads of the same names. */
export const BUILT_IN_BENCHMARKS: readonly Benchmark[] = [
  hackbench('pipe', 'small', ['-p', '-g', '4', '-l', '3000']),
  hackbench('pipe', 'large', ['-p', '-g', '8', '-l', '5000']),
  hackbench('socket', 'small', ['-g', '4', '-l', '3000']),
  hackbench('socket', 'large', ['-g', '8', '-l', '5000']),
  sysbench('cpu', 4, [outputMetric('events_per_second', /events per second:\s+([\d.]+)/, '1/s', 'higher')]),
  sysbench('threads', 8, [
    outputMetric('events_per_second', /total number of events:\s+(\d+)/, '1/s', 'higher', {
      isPerSecond: true,
    }),
  ]),
  sysbench('memory', 4, [
    outputMetric('throughput', /\(([\d.]+) MiB\/sec\)/, 'MiB/s', 'higher'),
    outputMetric('operations_per_second', /\(([\d.]+) per second\)/, '1/s', 'higher'),
  ]),
  {
    name: 'nginx-ab',
    title: 'nginx under ab: 100,000 requests by 5 at once',
    program: { kind: 'workload', name: 'workload-nginx', args: ['100000', '5'] },
    asRoot: false,
    timeLimitMs: 300_000,
    primary: 'requests_per_second',
    metrics: [
      outputMetric('requests_per_second', /^Requests per second:\s+([\d.]+)/, '1/s', 'higher'),
      outputMetric('run_time', /^Time taken for tests:\s+([\d.]+) seconds/, 's', 'lower'),
      outputMetric('latency_mean', /^Time per request:\s+([\d.]+) \[ms\] \(mean\)$/, 'ms', 'lower'),
      outputMetric('latency_p99', /^\s+99%\s+(\d+)/, 'ms', 'lower'),
      outputMetric('failed_requests', /^Failed requests:\s+(\d+)/, '', 'neither'),
    ],
  },
  {
    name: 'compress-zstd',
    title: 'zstd, level 9, all processors: 32 MiB of words four times',
    program: { kind: 'zstd', level: 9, threads: 0, mebibytes: 32, times: 4 },
    asRoot: false,
    timeLimitMs: 600_000,
    primary: 'run_time',
    metrics: [
      ...timeMetrics(false),
      outputMetric('throughput', /^Compressed (\d+) bytes/, 'MB/s', 'higher', {
        factor: 4e-6,
        isPerSecond: true,
      }),
    ],
  },
  benchmark('zstd-bench', 'zstd -b: level 3, one thread, in memory', ['zstd', '-b3', '-i5'], true, [
    outputMetric('compression', /,\s+([\d.]+) MB\/s,\s+[\d.]+ MB\/s/, 'MB/s', 'higher'),
    outputMetric('decompression', /,\s+[\d.]+ MB\/s,\s+([\d.]+) MB\/s/, 'MB/s', 'higher'),
  ]),
];

/** What is measured when no suite is named: ten repeats of everything take about half an hour. */
export function builtInSuite(): Suite {
  return {
    name: 'built-in',
    benchmarks: BUILT_IN_BENCHMARKS,
    variants: [DEFAULT_VARIANT],
    repeats: 10,
    warmUps: 1,
    seed: 1,
    pauseMs: 1000,
  };
}

/**
 * A test of the Phoronix Test Suite, which must be installed on the machine. It prints `Average: 27.43 Seconds`; what is
 * the good side only the test knows.
 */
export function phoronix(test: string, unit: string, better: Better): Omit<Benchmark, 'name' | 'title'> {
  const program: BenchmarkProgram = { kind: 'workload', name: 'workload-phoronix', args: [test] };
  const result = outputMetric('result', /^\s*Average:\s+([\d.]+)/, unit, better);
  return { program, asRoot: false, timeLimitMs: 3_600_000, primary: 'result', metrics: [result] };
}

function hackbench(kind: 'pipe' | 'socket', size: string, args: readonly string[]): Benchmark {
  const groups = args[args.indexOf('-g') + 1]!;
  const title = `hackbench: ${groups} groups over ${kind}s, ${args.at(-1)!} messages each`;
  return benchmark(`hackbench-${kind}-${size}`, title, ['hackbench', ...args], false, [
    outputMetric('own_time', /^Time: ([\d.]+)/, 's', 'lower', { title: "hackbench's own time" }),
  ]);
}

function sysbench(test: string, threads: number, metrics: readonly Metric[]): Benchmark {
  const argv = ['sysbench', test, `--threads=${threads}`, '--time=10', 'run'] as const;
  return benchmark(`sysbench-${test}`, `sysbench ${test}: ${threads} threads, 10 s`, argv, true, [
    ...metrics,
    outputMetric('latency_mean', /^\s+avg:\s+([\d.]+)/, 'ms', 'lower'),
    outputMetric('latency_p95', /95th percentile:\s+([\d.]+)/, 'ms', 'lower'),
    outputMetric('latency_max', /^\s+max:\s+([\d.]+)/, 'ms', 'lower'),
  ]);
}

/** @param isFixed the run lasts as long as it was told to, so that the first of its own metrics is the primary one */
function benchmark(
  name: string,
  title: string,
  argv: readonly [string, ...string[]],
  isFixed: boolean,
  metrics: readonly Metric[],
): Benchmark {
  return {
    name,
    title,
    program: { kind: 'command', argv },
    asRoot: false,
    timeLimitMs: 300_000,
    primary: isFixed ? metrics[0]!.name : 'run_time',
    metrics: [...timeMetrics(isFixed), ...metrics],
  };
}
