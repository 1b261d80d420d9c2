import type { ClockAlignment } from './clockAlignment.js';

/** What is told of a file of records. */
export interface RecordsTold {
  readonly calls: number;
  readonly allowed: number;
  readonly forced: number | null;
}

/** Absolute times as seconds would have too many digits: durations only, ns. */
export function spanText(ns: number): string {
  const size = Math.abs(ns);
  if (size < 1e3) return `${Math.round(ns)} ns`;
  if (size < 1e6) return `${(ns / 1e3).toFixed(1)} µs`;
  return size < 1e9 ? `${(ns / 1e6).toFixed(1)} ms` : `${(ns / 1e9).toFixed(1)} s`;
}

const count = (value: number) => value.toLocaleString('en-US');

export function countsText({ calls, allowed, forced }: RecordsTold): string {
  const forcedText = forced === null ? 'forced ones are not told apart' : `${count(forced)} of them forced`;
  return `${count(calls)} calls, ${count(allowed)} allowed, ${forcedText}.`;
}

/** How the clocks were laid on each other, and how far that holds. */
export function alignmentText(
  { verdict, isVoted, calls, matching, delayNs, line }: ClockAlignment,
  moves: number,
): string {
  const followed = `${count(matching.count)} of the ${count(calls)} calls that allowed a migration are followed by that move in the trace${delayNs === null ? '' : `, ${spanText(delayNs)} later in the median`}.`;
  if (verdict === 'checked') {
    const drift = line.drift === 0 ? '' : `, and a drift of ${(line.drift * 1e6).toFixed(1)} ppm`;
    return isVoted
      ? `The clocks differ, and were laid on each other by the moves in both${drift}: ${followed}`
      : `The clocks are the same, and that was checked: ${followed}`;
  }
  if (verdict === 'unchecked') {
    const why =
      moves === 0
        ? 'the trace holds no sched_migrate_task events'
        : 'too few moves of the trace follow allowed calls';
    return `Both say that they have the monotonic clock. That could not be checked: ${why}.`;
  }
  if (moves === 0) {
    return 'Not drawn: its clock is not known to be that of the trace, and without sched_migrate_task events in the trace it cannot be found. Record with the clock "mono", or with these events.';
  }
  return `Not drawn: the times could not be aligned. ${followed} Is it of another recording?`;
}

/** Where the records lie beside the trace instead of in it; times on the trace's clock. */
export function apartText(
  records: { readonly startNs: number; readonly endNs: number },
  traceNs: { readonly startNs: number; readonly endNs: number },
): string {
  const where =
    records.endNs < traceNs.startNs
      ? `it ends ${spanText(traceNs.startNs - records.endNs)} before the trace begins`
      : `it begins ${spanText(records.startNs - traceNs.endNs)} after the trace ends`;
  return `Not drawn: by the clocks ${where}.`;
}
