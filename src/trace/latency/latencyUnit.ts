/** Units of latencies in files. */
export type LatencyUnit = 'ns' | 'us' | 'ms' | 's';

/** The unit of a name: `us`, `µs`, `nanoseconds`; undefined for what is none. */
export function unitOf(name: string): LatencyUnit | undefined {
  const text = name.trim().toLowerCase();
  if (/^(ns|nsecs?|nanoseconds?)$/.test(text)) return 'ns';
  if (/^(us|µs|μs|usecs?|microseconds?)$/.test(text)) return 'us';
  if (/^(ms|msecs?|milliseconds?)$/.test(text)) return 'ms';
  return /^(s|secs?|seconds?)$/.test(text) ? 's' : undefined;
}

/** Nanoseconds in one of a unit. */
export const NS_PER: Readonly<Record<LatencyUnit, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };
