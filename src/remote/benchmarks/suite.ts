import { createHash } from 'node:crypto';

/** What a benchmark run measures, and how a machine is set for it. */

export type Better = 'lower' | 'higher' | 'neither';

/** Times are in seconds: of the clock on the wall, of the processors for the program, of the kernel on its behalf. */
export type MeasuredTime = 'run_time' | 'user_time' | 'system_time';

export type MetricSource =
  | { readonly kind: 'time'; readonly of: MeasuredTime }
  | {
      readonly kind: 'output';
      /** For one line; its first group is the number. The last line that fits counts. */
      readonly pattern: RegExp;
      readonly factor: number;
      /** The number is an amount of the whole run: divided by the run time. */
      readonly isPerSecond: boolean;
    };

export interface Metric {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly better: Better;
  readonly source: MetricSource;
}

export type BenchmarkProgram =
  | { readonly kind: 'command'; readonly argv: readonly [string, ...string[]] }
  /** Text for `sh`. */
  | { readonly kind: 'shell'; readonly text: string }
  /** Compresses a file that is made on the machine: the same bytes everywhere. */
  | {
      readonly kind: 'zstd';
      readonly level: number;
      /** 0: one a processor. */
      readonly threads: number;
      readonly mebibytes: number;
      readonly times: number;
    }
  /** A program of `media/remote/` that brings a set-up of its own; its times are those that it prints. */
  | { readonly kind: 'workload'; readonly name: string; readonly args: readonly string[] };

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  readonly program: BenchmarkProgram;
  /** With root's rights instead of the user's. */
  readonly asRoot: boolean;
  readonly timeLimitMs: number;
  readonly metrics: readonly Metric[];
  /** Name of the metric on which the verdict rests. */
  readonly primary: string;
}

/** Settings under which all benchmarks are measured; what was set before comes back after each run. */
export interface Variant {
  readonly name: string;
  /** Kernel parameters by sysctl's names. */
  readonly sysctl: Readonly<Record<string, string>>;
  /** Texts for `sh`, run as root; empty for none. */
  readonly setup: string;
  readonly teardown: string;
}

export interface Suite {
  readonly name: string;
  readonly benchmarks: readonly Benchmark[];
  /** At least one; `default` changes nothing. */
  readonly variants: readonly Variant[];
  readonly repeats: number;
  readonly warmUps: number;
  readonly seed: number;
  /** Between runs, for the machine to settle. */
  readonly pauseMs: number;
}

export const DEFAULT_VARIANT: Variant = { name: 'default', sysctl: {}, setup: '', teardown: '' };

export function changesNothing({ sysctl, setup, teardown }: Variant): boolean {
  return Object.keys(sysctl).length === 0 && setup === '' && teardown === '';
}

/** The command in a line, for the results: what is not the same was not the same benchmark. */
export function describeProgram(program: BenchmarkProgram): string {
  switch (program.kind) {
    case 'command':
      return program.argv.join(' ');
    case 'shell':
      return program.text;
    case 'zstd': {
      const { level, threads, mebibytes, times } = program;
      return `zstd -${level} -T${threads} of ${mebibytes} MiB of words, ${times} times`;
    }
    case 'workload':
      return [program.name, ...program.args].join(' ');
  }
}

/**
 * SHA-256 over all that makes repeats comparable: what is run, read from its output, and set. The number of repeats is
 * not part of it, so that a suite can be measured longer.
 */
export function suiteDigest({ benchmarks, variants, seed }: Suite): string {
  const text = JSON.stringify({ benchmarks, variants, seed }, (_key, value: unknown) =>
    value instanceof RegExp ? String(value) : value,
  );
  return createHash('sha256').update(text).digest('hex');
}

const TIME_TITLES: Readonly<Record<MeasuredTime, string>> = {
  run_time: 'run time',
  user_time: 'CPU time of the program',
  system_time: 'CPU time of the kernel',
};

/** @param isFixed whether the run lasts as long as it was told to: then its time says nothing of speed */
export function timeMetrics(isFixed: boolean): Metric[] {
  return (['run_time', 'user_time', 'system_time'] as const).map((of) => ({
    name: of,
    title: TIME_TITLES[of],
    unit: 's',
    better: isFixed || of !== 'run_time' ? 'neither' : 'lower',
    source: { kind: 'time', of },
  }));
}

/** A metric read from the output; `unit` as it is after `factor`. */
export function outputMetric(
  name: string,
  pattern: RegExp,
  unit: string,
  better: Better,
  options: { readonly title?: string; readonly factor?: number; readonly isPerSecond?: boolean } = {},
): Metric {
  const { title = name.replaceAll('_', ' '), factor = 1, isPerSecond = false } = options;
  return { name, title, unit, better, source: { kind: 'output', pattern, factor, isPerSecond } };
}
