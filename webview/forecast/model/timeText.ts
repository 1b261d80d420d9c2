import { formatSeconds } from '../../common/format.js';

/** A moment of a recording, as `ForecastStart` has it. */
export interface Moment {
  /** Whole ns as decimal text. */
  readonly timeNs: string;
  /** Since the first switch of the recording, not by its clock. */
  readonly isRelative: boolean;
}

const ABSOLUTE = /^(\d{1,11})(?:\.(\d{1,9}))?$/;
const RELATIVE = /^\+(\d{1,11})(?:\.(\d{1,9}))?\s*(s|ms|us|µs|ns)?$/;
const UNIT_NS = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, µs: 1000n, ns: 1n } as const;

/** A moment as it is typed: `1234.567890123`, `+0.5s`, `+500ms`; `null`: it is none. */
export function parseMoment(text: string): Moment | null {
  const absolute = ABSOLUTE.exec(text);
  if (absolute !== null) return { timeNs: nanoseconds(absolute[1]!, absolute[2], 's'), isRelative: false };
  const relative = RELATIVE.exec(text);
  if (relative === null) return null;
  const unit = (relative[3] ?? 's') as keyof typeof UNIT_NS;
  return { timeNs: nanoseconds(relative[1]!, relative[2], unit), isRelative: true };
}

/** A moment as `parseMoment` reads it. */
export function momentText({ timeNs, isRelative }: Moment): string {
  const seconds = formatSeconds(BigInt(timeNs), 9);
  return isRelative ? `+${seconds}s` : seconds;
}

/** Exact; what is smaller than a nanosecond is cut off. */
function nanoseconds(whole: string, fraction: string | undefined, unit: keyof typeof UNIT_NS): string {
  const unitNs = UNIT_NS[unit];
  const billionths = BigInt((fraction ?? '').padEnd(9, '0'));
  return String(BigInt(whole) * unitNs + (billionths * unitNs) / 1_000_000_000n);
}
