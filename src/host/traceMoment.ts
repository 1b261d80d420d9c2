import type { TraceEvents, TraceSummary } from '../protocol/traceMessages.js';

/** A switch: when, by the clock of the recording, and on which CPU. */
export interface TraceMoment {
  readonly timeNs: bigint;
  /** `null`: on whichever; the time around it is selected. */
  readonly cpu: number | null;
}

/** What is shown on either side of a moment. */
const ROUND_NS = 2_000_000;

/** Where to look, by the times of a view; `null` where the recording does not reach. */
export function revealOf(
  { timeNs, cpu }: TraceMoment,
  { baseNs, startNs, endNs, cpus }: Pick<TraceSummary, 'baseNs' | 'startNs' | 'endNs' | 'cpus'>,
): TraceEvents['reveal'] | null {
  const atNs = Number(timeNs - BigInt(baseNs));
  if (atNs < startNs || atNs > endNs) return null;
  if (cpu === null) {
    const range = { startNs: Math.max(startNs, atNs - ROUND_NS), endNs: Math.min(endNs, atNs + ROUND_NS) };
    return { range, thread: null };
  }
  if (!cpus.includes(cpu)) return null;
  return {
    range: { startNs: atNs - ROUND_NS, endNs: atNs + ROUND_NS },
    thread: null,
    moment: { cpu, atNs },
  };
}
