import { Failure, isFailure } from '../../base/errors.js';
import { metaPathOf, readRecordingMeta } from '../artifacts/recordingMeta.js';
import { readResults, type BenchmarkResults, type Distribution } from './results.js';

/** Units of metrics that are durations. */
const UNITS = ['ns', 'us', 'ms', 's'] as const;
type Unit = (typeof UNITS)[number];

/** Of a distribution of more values so many are taken, in the same proportions: its bins tell no more. */
const MOST_VALUES = 200_000;

/** A distribution of latencies in benchmark results, as values. */
export interface ResultLatencies {
  readonly key: string;
  readonly name: string;
  readonly count: number;
  readonly remark: string;
  readonly told: {
    readonly label: string;
    readonly benchmark: string;
    readonly probe: string | undefined;
    readonly machine: string | undefined;
    readonly unit: Unit;
  };
  /** Rising. */
  values(): Float64Array;
}

/**
 * The latencies in a file of benchmark results. Its distributions are counts over bins: the values of a bin are spread
 * over its logarithm. Failures: those of reading it, `empty-input`.
 */
export async function readResultLatencies(path: string): Promise<ResultLatencies[]> {
  const results = await readResults(path);
  const found = results.distributions.flatMap((each) => latenciesOf(results, each));
  if (found.length > 0) return found;
  throw new Failure(
    'empty-input',
    `${path} holds no distribution of latencies, only what each run came to. Compare it by "Compare Benchmark Results…".`,
  );
}

/** What a description beside a file tells, `NAME.meta.json`; nothing where there is none or it cannot be read. */
export async function describedLatencies(path: string): Promise<{
  readonly benchmark?: string | undefined;
  readonly machine?: string | undefined;
  readonly probe?: string | undefined;
}> {
  try {
    const { machine, workload, collector } = await readRecordingMeta(metaPathOf(path));
    const facts = [machine.name, machine.cpuModel, machine.kernelRelease].filter((each) => each !== null);
    return { benchmark: workload?.name, machine: facts.join(', '), probe: collector.collector };
  } catch (error) {
    if (isFailure(error)) return {};
    throw error;
  }
}

function latenciesOf(results: BenchmarkResults, distribution: Distribution): ResultLatencies[] {
  const { subject: id, benchmark: name, metric: metricName, count, source } = distribution;
  const subject = results.subjects.find((each) => each.id === id)!;
  const metric = results.benchmarks
    .find((each) => each.name === name)
    ?.metrics.find((each) => each.name === metricName);
  const unit = UNITS.find((each) => each === metric?.unit);
  if (unit === undefined || !distribution.counts.some((each) => each > 0)) return [];
  const machine = [subject.machine, subject.facts?.cpuModel ?? ''].filter((each) => each !== '').join(', ');
  return [
    {
      key: JSON.stringify([id, name, metricName]),
      name: `${subject.label} · ${name} · ${metricName}`,
      count,
      remark: `worked out from counts over ${distribution.counts.length} bins: figures are as exact as these are narrow${count > MOST_VALUES ? `, and ${MOST_VALUES} values stand for ${count}` : ''}.`,
      told: {
        label: subject.label,
        benchmark: name,
        probe: source === '' ? undefined : source,
        machine: machine === '' ? undefined : machine,
        unit,
      },
      values: () => spreadOver(distribution),
    },
  ];
}

function spreadOver({ edges, counts }: Distribution): Float64Array {
  const total = counts.reduce((sum, each) => sum + each, 0);
  const share = Math.min(1, MOST_VALUES / total);
  const values: number[] = [];
  let passed = 0;
  for (const [bin, count] of counts.entries()) {
    // Rounding the running sum keeps the proportions also of bins that hold less than one.
    const upTo = Math.round((passed + count) * share);
    const taken = upTo - Math.round(passed * share);
    passed += count;
    const [low, high] = [edges[bin]!, edges[bin + 1]!];
    for (let i = 0; i < taken; i += 1) {
      const part = (i + 0.5) / taken;
      values.push(low > 0 ? low * (high / low) ** part : low + (high - low) * part);
    }
  }
  return Float64Array.from(values);
}
