import { Failure } from '../base/errors.js';
import type { EventStore } from '../trace/model/eventStore.js';

const ABSOLUTE = /^(\d{1,15})(?:\.(\d{1,9}))?$/;
const RELATIVE = /^\+(\d{1,15})(?:\.(\d{1,9}))?(s|ms|us|µs|ns)?$/;
const UNIT_NS = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, µs: 1000n, ns: 1n };

/**
 * A range of time as offsets of a store, for `--from` and `--until`; undefined without both. What is not given is the
 * beginning, or the end with the last event. Failure `wrong-usage`.
 */
export function timeRange(
  store: EventStore,
  from: string | undefined,
  until: string | undefined,
): { readonly startNs: number; readonly endNs: number } | undefined {
  if (from === undefined && until === undefined) return undefined;
  const startNs = from === undefined ? store.startNs : offsetOf(store, '--from', from);
  if (until === undefined) return { startNs, endNs: Math.max(startNs, store.endNs) + 1 };
  const endNs = offsetOf(store, '--until', until);
  if (endNs > startNs) return { startNs, endNs };
  throw new Failure('wrong-usage', `The range is empty: --until ${until} is not after its beginning.`);
}

function offsetOf(store: EventStore, option: string, text: string): number {
  const { ns, isRelative } = parseTime(option, text);
  return isRelative ? store.startNs + Number(ns) : Number(ns - store.baseNs);
}

/** A time as it is typed; a relative one counts from the first event. Failure `wrong-usage`. */
export function parseTime(
  option: string,
  text: string,
): { readonly ns: bigint; readonly isRelative: boolean } {
  const absolute = ABSOLUTE.exec(text);
  if (absolute !== null) return { ns: nanoseconds(absolute[1]!, absolute[2], UNIT_NS.s), isRelative: false };
  const relative = RELATIVE.exec(text);
  if (relative !== null) {
    const unit = UNIT_NS[(relative[3] ?? 's') as keyof typeof UNIT_NS];
    return { ns: nanoseconds(relative[1]!, relative[2], unit), isRelative: true };
  }
  throw new Failure(
    'wrong-usage',
    `${option} ${text} is no time. Give seconds as the recording has them (1234.567890123), or the time since its first event (+0.5s, +500ms, +20us, +7ns).`,
  );
}

/** Exact; what is smaller than a nanosecond is cut off. */
function nanoseconds(whole: string, fraction: string | undefined, unitNs: bigint): bigint {
  const billionths = BigInt((fraction ?? '').padEnd(9, '0'));
  return BigInt(whole) * unitNs + (billionths * unitNs) / 1_000_000_000n;
}
