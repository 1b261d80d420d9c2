import type { LatencyUnit } from './latencyUnit.js';

/** What the name of a file of latencies tells; empty or undefined where it does not. */
export interface NamedLatencies {
  readonly label: string;
  readonly benchmark: string;
  readonly probe: string;
  readonly unit: LatencyUnit | undefined;
}

/** Probes by what stands for them in names, longest first. */
const PROBES: readonly (readonly [RegExp, string])[] = [
  [/(?:^|_)bpftrace[_-]fentry(?=_|$)/, 'bpftrace fentry'],
  [/(?:^|_)bpftrace[_-]kprobe(?=_|$)/, 'bpftrace kprobe'],
  [/(?:^|_)(?:function[_-]graph|funcgraph)(?=_|$)/, 'function_graph'],
  [/(?:^|_)(?:fentry|fexit)(?=_|$)/, 'fentry'],
  [/(?:^|_)(?:kretprobe|kprobe)(?=_|$)/, 'kprobe'],
];

/** Benchmarks whose names stand in names of files, with what may follow them. */
const BENCHMARK =
  /(?:^|_)(hackbench|cassandra|compress-zstd|compress_zstd|arrayfire|askap|sysbench|nginx|cpu-bound|cpu_bound|io-mixed|io_mixed)((?:-[a-z0-9]+)*)(?=_|$)/;

/**
 * From a name such as `lat_hackbench_libml_mode1_ns.txt`: benchmark hackbench, label "libml mode1", ns. What is neither
 * benchmark, probe nor unit is the label; where nothing is left, the probe is.
 * @param fileName without its folder
 */
export function namedLatencies(fileName: string): NamedLatencies {
  let rest = fileName
    .replace(/\.(gz|zst|xz)$/i, '')
    .replace(/\.[A-Za-z]{1,12}(\.[A-Za-z]{1,12})?$/, '')
    .replace(/[ .]+/g, '_');
  rest = rest.replace(/^(latency|latencies|lat)_/i, '').replace(/_(latency|latencies|lat)(?=_|$)/i, '');
  const unit = /(?:^|_)(ns|us|ms|s)$/.exec(rest)?.[1] as LatencyUnit | undefined;
  if (unit !== undefined) rest = rest.slice(0, -unit.length);
  const probe = PROBES.find(([pattern]) => pattern.test(rest.replace(/_+$/, '')));
  if (probe !== undefined) rest = rest.replace(/_+$/, '').replace(probe[0], '');
  const named = BENCHMARK.exec(rest.replace(/_+$/, ''));
  if (named !== null) rest = rest.replace(named[0], '');
  const label = rest.replace(/_+/g, ' ').trim();
  return {
    label: label === '' ? (probe?.[1] ?? fileName) : label,
    benchmark: named === null ? '' : `${named[1]!.replace('_', '-')}${named[2]!}`,
    probe: probe?.[1] ?? '',
    unit,
  };
}
