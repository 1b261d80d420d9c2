/** What the time stamps of a trace.dat mean: as `trace-cmd report` prints them (timestamp_calc in trace-input.c). */
import type { TickClock } from '../tracepoint/ringBuffer.js';
import type { TraceDatOptions } from './options.js';
import { shifted } from './timeShift.js';

/** Clocks of the kernel that count nanoseconds; `uptime` does so in steps of a tick. */
const NANOSECOND_CLOCKS = [
  'local',
  'global',
  'uptime',
  'perf',
  'mono',
  'mono_raw',
  'boot',
  'tai',
  'tsc2nsec',
];

export function recordingClock({ timeShifts, tscToNs, offsetNs }: TraceDatOptions): TickClock {
  const nsOf = (ticks: bigint, cpu: number): bigint => {
    const shift = timeShifts?.[cpu];
    const own = shift === undefined ? ticks : shifted(ticks, shift);
    const ns = tscToNs === undefined ? own : (own * tscToNs.multiplier) >> tscToNs.shift;
    return ns + offsetNs;
  };
  return { isNanoseconds: timeShifts === undefined && tscToNs === undefined, nsOf };
}

/** Whether times in this clock are nanoseconds; a clock that is not told is taken for the usual one. */
export function countsNanoseconds(clock: string | undefined, { tscToNs }: TraceDatOptions): boolean {
  return clock === undefined || tscToNs !== undefined || NANOSECOND_CLOCKS.includes(clock);
}
