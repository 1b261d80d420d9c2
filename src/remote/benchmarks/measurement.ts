import type { GuardStatus } from '../guard/guardedRun.js';
import type { TimerRecord } from './results.js';
import type { MeasuredTime, Metric } from './suite.js';

/** What `benchmark.sh` told of one run, times in seconds. */
export interface Measurement {
  readonly runTimeS: number;
  readonly userTimeS: number | null;
  readonly systemTimeS: number | null;
  readonly timer: TimerRecord;
  readonly remarks: readonly string[];
}

/** GNU date counts nanoseconds of the clock; what it takes to ask is in `overheadS`. */
const DATE_RESOLUTION_S = 1e-9;
const UPTIME_RESOLUTION_S = 0.01;

/**
 * Times of a run from the statuses `measured` and `overhead`; null when they do not hold what they should.
 *
 * date(1) tells the clock on the wall, which may be set in between; /proc/uptime may not, but has hundredths only. So the
 * first counts as long as both agree to 0.2 s or 1 % (a busy machine may pause between the two readings).
 */
export function readMeasurement(
  measured: GuardStatus,
  overheads: readonly GuardStatus[],
): Measurement | null {
  const value = (key: string) => measured.values.get(key) ?? '';
  const byUptime = difference(hundredths(value('begunUptime')), hundredths(value('endedUptime')));
  const byDate = difference(nanoseconds(value('begun')), nanoseconds(value('ended')));
  if (byUptime === null) return null;
  const isSet = byDate !== null && Math.abs(byDate - byUptime) > Math.max(0.2, 0.01 * byUptime);
  const usesDate = byDate !== null && !isSet;
  const cpu = cpuTimes(value('begunCpu'), value('endedCpu'));
  const overheadsS = overheads.flatMap(({ values }) => {
    const each = difference(nanoseconds(values.get('begun') ?? ''), nanoseconds(values.get('ended') ?? ''));
    return each === null || each < 0 ? [] : [each];
  });
  return {
    runTimeS: usesDate ? byDate : byUptime,
    userTimeS: cpu?.user ?? null,
    systemTimeS: cpu?.system ?? null,
    timer: {
      clock: usesDate ? 'date' : 'uptime',
      resolutionS: usesDate ? DATE_RESOLUTION_S : UPTIME_RESOLUTION_S,
      overheadS: overheadsS.length === 0 ? null : Math.min(...overheadsS),
    },
    remarks: isSet
      ? [
          'The clock of the machine was set during the run: its time is known to a hundredth of a second only.',
        ]
      : [],
  };
}

/** `1795261531.302787779`; null for a `date` that knows no nanoseconds and prints `%N`. */
function nanoseconds(text: string): bigint | null {
  const match = /^(\d{1,12})\.(\d{9})$/.exec(text);
  return match === null ? null : BigInt(match[1]! + match[2]!);
}

/** `25381.05`, in nanoseconds. */
function hundredths(text: string): bigint | null {
  const match = /^(\d{1,12})\.(\d{2})$/.exec(text);
  return match === null ? null : BigInt(`${match[1]!}${match[2]!}0000000`);
}

function difference(begun: bigint | null, ended: bigint | null): number | null {
  return begun === null || ended === null ? null : Number(ended - begun) / 1e9;
}

/** From two lines of the shell's `times` about its children: `0m1.537s 0m0.037s`. */
function cpuTimes(begun: string, ended: string): { user: number; system: number } | null {
  const [from, to] = [timesLine(begun), timesLine(ended)];
  if (from === null || to === null) return null;
  // Subtraction leaves digits that were never measured: microseconds are the most that a shell prints.
  const rounded = (seconds: number) => Math.max(0, Math.round(seconds * 1e6) / 1e6);
  return { user: rounded(to.user - from.user), system: rounded(to.system - from.system) };
}

function timesLine(text: string): { user: number; system: number } | null {
  const match = /^(\d{1,9})m(\d{1,2}[.,]\d{1,9})s (\d{1,9})m(\d{1,2}[.,]\d{1,9})s$/.exec(text.trim());
  if (match === null) return null;
  const seconds = (minutes: string, rest: string) => Number(minutes) * 60 + Number(rest.replace(',', '.'));
  return { user: seconds(match[1]!, match[2]!), system: seconds(match[3]!, match[4]!) };
}

/** Lines of an output are cut there: a pattern never meets more at once. */
const LONGEST_LINE = 2000;

/**
 * The metrics of a run.
 * @param output what it printed: untrusted; numbers that are none are left out
 */
export function metricValues(
  metrics: readonly Metric[],
  output: string,
  measurement: Measurement | null,
): Map<string, number> {
  const lines = output.split(/[\r\n]+/).map((line) => line.slice(0, LONGEST_LINE));
  const values = new Map<string, number>();
  for (const { name, source } of metrics) {
    const value = source.kind === 'time' ? timeOf(source.of, measurement) : lastMatch(source.pattern, lines);
    if (value === null) continue;
    const scaled = source.kind === 'time' ? value : value * source.factor;
    const isPerSecond = source.kind === 'output' && source.isPerSecond;
    const final = isPerSecond ? scaled / (measurement?.runTimeS ?? Number.NaN) : scaled;
    if (Number.isFinite(final)) values.set(name, final);
  }
  return values;
}

function timeOf(which: MeasuredTime, measurement: Measurement | null): number | null {
  switch (which) {
    case 'run_time':
      return measurement?.runTimeS ?? null;
    case 'user_time':
      return measurement?.userTimeS ?? null;
    case 'system_time':
      return measurement?.systemTimeS ?? null;
  }
}

function lastMatch(pattern: RegExp, lines: readonly string[]): number | null {
  for (const line of lines.toReversed()) {
    const found = pattern.exec(line)?.[1];
    if (found === undefined) continue;
    // Thousands may be grouped by commas.
    const value = Number(found.replaceAll(',', ''));
    if (found !== '' && Number.isFinite(value)) return value;
  }
  return null;
}
